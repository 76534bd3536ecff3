// The connections to the server, watched by one epoll: what each has yet to send, and what has come.
#pragma once
#include "buffer.h"
#include "id-queue.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct connection {
  int fd; // -1: closed
  bool unflushed, wants_write;
  uint64_t flushed_at_ns;
  struct buffer out, in;
  struct id_queue sent; // only with --http
};

extern struct connection *connections;
extern size_t live_connections;
extern int epoll_fd;

void open_connections(void);

// What it has in flight is given up.
void close_connection(struct connection *connection);

// Puts the next request into the connection's buffer; flush() sends it.
void enqueue(size_t index, uint64_t due_ns);

// Writes what the socket takes; the rest waits for it to be writable.
void flush(struct connection *connection);
