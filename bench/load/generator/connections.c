#include "connections.h"
#include "failure.h"
#include "in-flight.h"
#include "options.h"
#include "payloads.h"
#include "tally.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define UNSENT_BYTES_MAX (256u << 20) // a connection: the server stopped reading long ago

struct connection *connections;
size_t live_connections;
int epoll_fd;

void close_connection(struct connection *connection) {
  close(connection->fd);
  connection->fd = -1;
  connection->unflushed = false;
  live_connections--;
  tally.closed_connections++;
  give_up_those_of((size_t)(connection - connections), now_ns());
}

static void watch(struct connection *connection, int operation, bool wants_write) {
  connection->wants_write = wants_write;
  struct epoll_event event = {.events = wants_write ? EPOLLIN | EPOLLOUT : EPOLLIN};
  event.data.u64 = (uint64_t)(connection - connections);
  if (epoll_ctl(epoll_fd, operation, connection->fd, &event) != 0) fail(1, "epoll_ctl: %s", strerror(errno));
}

void flush(struct connection *connection) {
  struct buffer *out = &connection->out;
  connection->unflushed = false;
  while (out->start < out->end) {
    ssize_t sent = send(connection->fd, out->bytes + out->start, out->end - out->start, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      out->start += (size_t)sent;
      tally.bytes_sent += (uint64_t)sent;
    } else if (errno == EAGAIN) {
      break;
    } else if (errno != EINTR) {
      close_connection(connection);
      return;
    }
  }
  if ((out->start < out->end) != connection->wants_write) watch(connection, EPOLL_CTL_MOD, !connection->wants_write);
}

void enqueue(size_t index, uint64_t due_ns) {
  struct connection *connection = &connections[index];
  struct buffer *out = &connection->out;
  size_t unsent = out->end - out->start;
  if (unsent > UNSENT_BYTES_MAX) fail(1, "the server doesn't read: %zu bytes unsent on one connection", unsent);
  uint32_t id = begin_request(index, due_ns);
  const struct payload *payload = &payloads[(id - 1) % payload_count];
  reserve(out, payload->bytes);
  uint8_t *frame = out->bytes + out->end;
  memcpy(frame, payload->frame, payload->bytes);
  if (options.http) id_queue_push(&connection->sent, id);
  else for (int i = 0; i < 4; i++) frame[HEADER_BYTES + ID_OFFSET + i] = (uint8_t)(id >> (24 - 8 * i));
  out->end += payload->bytes;
  connection->unflushed = true;
  if (due_ns >= window.measure_ns) tally.sent++;
}

void open_connections(void) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(options.socket_path) >= sizeof address.sun_path)
    fail(2, "--socket: longer than the %zu bytes a socket path can have", sizeof address.sun_path - 1);
  strcpy(address.sun_path, options.socket_path);
  if ((epoll_fd = epoll_create1(EPOLL_CLOEXEC)) < 0) fail(1, "epoll_create1: %s", strerror(errno));
  connections = need_memory(calloc(options.connection_count, sizeof *connections));
  for (size_t i = 0; i < options.connection_count; i++) {
    struct connection *connection = &connections[i];
    connection->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection->fd < 0) fail(1, "connection %zu: %s", i + 1, strerror(errno));
    struct timeval patience = {.tv_sec = 5}; // for connect(): a full backlog would hold it for ever
    setsockopt(connection->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(connection->fd, (struct sockaddr *)&address, sizeof address) != 0)
      fail(1, "connection %zu to %s: %s", i + 1, options.socket_path,
           errno == EAGAIN ? "the server doesn't accept it" : strerror(errno));
    watch(connection, EPOLL_CTL_ADD, false);
    live_connections++;
  }
}
