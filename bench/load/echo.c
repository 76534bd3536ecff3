// The limit to compare a server with: an epoll echo on a Unix stream socket, one thread, no framing, no parsing. What
// it answers per second, and its tail, is what the kernel, the machine and the load generator leave to anybody.
//
// A connection's unsent bytes never exceed one read: while some are left, nothing more is read from it. SIGTERM and
// SIGINT end it and remove the socket. It says "ready" on standard output once it listens.
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define READ_BYTES 65536
#define EVENTS_MAX 64

struct connection {
  int fd;
  size_t start, end; // unsent: bytes[start..end)
  uint8_t bytes[READ_BYTES];
};

static int epoll_fd;
static volatile sig_atomic_t ended;

static void on_signal(int signal_number) { ended = signal_number; }

static int fail(const char *what) {
  fprintf(stderr, "echo: %s: %s\n", what, strerror(errno));
  return 1;
}

static void watch(struct connection *connection, int operation, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = connection};
  if (epoll_ctl(epoll_fd, operation, connection->fd, &event) != 0) exit(fail("epoll_ctl"));
}

// Sends what is unsent; false when the connection is gone.
static bool flush(struct connection *connection) {
  while (connection->start < connection->end) {
    ssize_t sent = send(connection->fd, connection->bytes + connection->start, connection->end - connection->start,
                        MSG_NOSIGNAL);
    if (sent >= 0) connection->start += (size_t)sent;
    else if (errno == EAGAIN) return true;
    else if (errno != EINTR) return false;
  }
  return true;
}

// Handles one event; false when the connection has ended.
static bool serve(struct connection *connection, uint32_t events) {
  bool was_blocked = connection->start < connection->end;
  if (was_blocked) {
    if (!flush(connection)) return false;
    if (connection->start == connection->end) watch(connection, EPOLL_CTL_MOD, EPOLLIN);
    return true;
  }
  if (events & EPOLLERR) return false;
  ssize_t received = recv(connection->fd, connection->bytes, READ_BYTES, 0);
  if (received < 0) return errno == EAGAIN || errno == EINTR;
  if (received == 0) return false;
  connection->start = 0;
  connection->end = (size_t)received;
  if (!flush(connection)) return false;
  if (connection->start < connection->end) watch(connection, EPOLL_CTL_MOD, EPOLLOUT);
  return true;
}

static void accept_all(int listener) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 && (errno == EINTR || errno == ECONNABORTED)) continue;
    if (fd < 0 && errno == EAGAIN) return;
    if (fd < 0) exit(fail("accept"));
    struct connection *connection = malloc(sizeof *connection);
    if (connection == NULL) exit(fail("connection"));
    connection->fd = fd;
    connection->start = connection->end = 0;
    watch(connection, EPOLL_CTL_ADD, EPOLLIN);
  }
}

int main(int argc, char **argv) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (argc != 2 || strlen(argv[1]) >= sizeof address.sun_path) {
    fputs("usage: echo PATH (a socket path of at most 107 bytes)\n", stderr);
    return 2;
  }
  strcpy(address.sun_path, argv[1]);

  // The two signals are let in only while waiting, so none can slip in between the check and the wait.
  sigset_t blocked, waiting;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigaddset(&blocked, SIGINT);
  sigprocmask(SIG_BLOCK, &blocked, &waiting);
  sigdelset(&waiting, SIGTERM);
  sigdelset(&waiting, SIGINT);
  struct sigaction action = {.sa_handler = on_signal};
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);

  int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener < 0) return fail("socket");
  if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0) return fail(argv[1]);
  if (listen(listener, SOMAXCONN) != 0) return fail("listen");
  if ((epoll_fd = epoll_create1(EPOLL_CLOEXEC)) < 0) return fail("epoll_create1");
  struct epoll_event listening = {.events = EPOLLIN, .data.ptr = NULL};
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &listening) != 0) return fail("epoll_ctl");
  puts("ready");
  fflush(stdout);

  struct epoll_event events[EVENTS_MAX];
  while (!ended) {
    int ready = epoll_pwait(epoll_fd, events, EVENTS_MAX, -1, &waiting);
    if (ready < 0 && errno != EINTR) return fail("epoll_pwait");
    for (int i = 0; i < ready; i++) {
      struct connection *connection = events[i].data.ptr;
      if (connection == NULL) {
        accept_all(listener);
      } else if (!serve(connection, events[i].events)) {
        close(connection->fd);
        free(connection);
      }
    }
  }
  unlink(argv[1]);
  return 0;
}
