#!/usr/bin/env python3
"""The smallest client that loses nothing when the daemon is restarted, as somebody would write it in another language:
it knows frames, and that after `goaway` new requests belong on a new connection and the old one is closed once it has
answered. No library, no retries.

usage: goaway-client.py SOCKET ORG RATE; sends RATE requests a second until its standard input ends, then prints counts.
"""
import json
import select
import socket
import struct
import sys
import time


def text(value):
    data = value.encode()
    return (bytes([0xA0 | len(data)]) if len(data) < 32 else bytes([0xD9, len(data)])) + data


class Connection:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(path)
        # While the daemon is away nobody reads: a client that waited for that would not hear goaway either.
        self.socket.setblocking(False)
        self.buffer = bytearray()
        self.unsent = bytearray()
        self.in_flight = {}
        self.is_leaving = False


class Client:
    def __init__(self, path, org):
        self.path = path
        params = b"\x82" + text("org_id") + text(org) + text("model") + text("gpt-4o")
        self.tail = text("resolve") + b"\x91" + params
        self.counts = {"sent": 0, "decided": 0, "errors": 0, "lost": 0, "refused": 0, "goaways": 0}
        self.latencies = []
        self.old = []
        self.current = Connection(path)
        self.next_id = 0

    def send(self, due):
        self.next_id = (self.next_id + 1) & 0xFFFFFFFF
        payload = b"\x94\x00\xce" + struct.pack(">I", self.next_id) + self.tail
        self.current.in_flight[self.next_id] = due
        self.current.unsent += struct.pack(">I", len(payload)) + payload
        self.counts["sent"] += 1

    def flush(self, connection):
        try:
            del connection.unsent[: connection.socket.send(connection.unsent)]
        except BlockingIOError:
            pass
        except OSError:
            self.end(connection)

    def receive(self, connection):
        try:
            data = connection.socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.end(connection)
            return
        connection.buffer += data
        while len(connection.buffer) >= 4:
            (length,) = struct.unpack_from(">I", connection.buffer)
            if len(connection.buffer) < 4 + length:
                break
            self.take(connection, bytes(connection.buffer[4 : 4 + length]))
            del connection.buffer[: 4 + length]
        if connection.is_leaving and not connection.in_flight:
            self.end(connection)

    def take(self, connection, payload):
        if payload[:2] == b"\x93\x02" and payload[2:9] == text("goaway"):
            self.counts["goaways"] += 1
            connection.is_leaving = True
            if connection is self.current:
                self.old.append(connection)
                self.connect()
        elif payload[:3] == b"\x94\x01\xce":
            (request,) = struct.unpack_from(">I", payload, 3)
            due = connection.in_flight.pop(request)
            self.latencies.append(time.monotonic() - due)
            self.counts["decided" if payload[7] == 0xC0 else "errors"] += 1
        else:
            self.counts["errors"] += 1

    def connect(self):
        try:
            self.current = Connection(self.path)
        except OSError:
            self.counts["refused"] += 1
            raise

    def end(self, connection):
        """Whatever it was still to answer is lost: this client sends nothing twice."""
        self.counts["lost"] += len(connection.in_flight)
        connection.socket.close()
        if connection in self.old:
            self.old.remove(connection)
        else:
            self.connect()

    def connections(self):
        return {each.socket: each for each in [self.current, *self.old]}


def main():
    path, org, rate = sys.argv[1], sys.argv[2], float(sys.argv[3])
    client = Client(path, org)
    begun, sent, is_ending = time.monotonic(), 0, False
    print("ready", flush=True)
    while not is_ending or any(each.in_flight for each in client.connections().values()):
        now = time.monotonic()
        while not is_ending and sent < (now - begun) * rate:
            client.send(begun + sent / rate)
            sent += 1
        connections = client.connections()
        inputs = list(connections) + ([] if is_ending else [sys.stdin])
        outputs = [each.socket for each in connections.values() if each.unsent]
        readables, writables, _ = select.select(inputs, outputs, [], 0.001)
        for writable in writables:
            if writable in client.connections():
                client.flush(connections[writable])
        for readable in readables:
            if readable is sys.stdin:
                is_ending = sys.stdin.read(1) == "" or is_ending
            elif readable in client.connections():
                client.receive(connections[readable])
    ordered = sorted(client.latencies)
    at = lambda part: round(ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1e6) if ordered else 0
    print(json.dumps({**client.counts, "p50Us": at(0.5), "p99Us": at(0.99), "maxUs": at(1)}))


main()
