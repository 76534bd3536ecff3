// The load generator: sends ready-made request frames over Unix stream sockets from one epoll thread, matches the
// answers by id, and prints one JSON object. It is C so that what it measures is the server, not itself.
//
// Open loop (--rate R): requests are due at fixed moments (arrivals.h), and the latency of each counts from its own; so a
// stall shows up in every request that had to wait for it. Closed loop (--closed): --pipeline frames are kept in flight
// on each connection; right for throughput, blind to queueing.
//
// Waiting for the next send is a trade. A sleeping thread wakes up late (a timer, a scheduler, perhaps a hypervisor),
// and that lateness would be booked to the server; a spinning one takes a whole core. So it sleeps until --spin
// microseconds (50) before a send and spins from there. Above 20,000/s it therefore always spins: on a machine with
// two cores the server has one left, and `generatorLateUs` says how late the sends really were.
//
// With --http the frames' payloads are whole HTTP/1.1 requests, sent without the frame's header.
#include "answers.h"
#include "arrivals.h"
#include "connections.h"
#include "failure.h"
#include "in-flight.h"
#include "interrupt.h"
#include "options.h"
#include "payloads.h"
#include "report.h"
#include "tally.h"
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// epoll_pwait2 sleeps to the nanosecond (Linux 5.11). Without it the sleep is cut down to whole milliseconds, so the
// rest is spun: hungrier, no less exact.
static int wait_for_events(struct epoll_event *events, int count, uint64_t timeout_ns) {
#ifdef SYS_epoll_pwait2
  static bool missing;
  if (timeout_ns > 0 && !missing) {
    struct { int64_t seconds, nanoseconds; } timeout = {
        .seconds = (int64_t)(timeout_ns / SECOND_NS),
        .nanoseconds = (int64_t)(timeout_ns % SECOND_NS),
    };
    int ready = (int)syscall(SYS_epoll_pwait2, epoll_fd, events, count, &timeout, NULL, (size_t)0);
    if (ready >= 0 || errno != ENOSYS) return ready;
    missing = true;
  }
#endif
  return epoll_wait(epoll_fd, events, count, (int)(timeout_ns / 1000000));
}

static void run(void) {
  struct epoll_event events[64];
  if (options.closed_loop) {
    for (size_t i = 0; i < options.connection_count; i++) {
      for (size_t depth = 0; depth < options.pipeline; depth++) enqueue(i, now_ns());
      flush(&connections[i]);
    }
  }
  while (!interrupted && live_connections > 0) {
    uint64_t at_ns = now_ns();
    bool all_sent = at_ns >= window.end_ns && !anything_due(at_ns);
    if ((all_sent && in_flight_count() == 0) || at_ns >= window.end_ns + DRAIN_NS) break;
    if (!options.closed_loop) send_due();
    int ready = wait_for_events(events, 64, time_to_wait(now_ns()));
    if (ready < 0 && errno != EINTR) fail(1, "epoll_wait: %s", strerror(errno));
    for (int i = 0; i < ready; i++) {
      struct connection *connection = &connections[events[i].data.u64];
      if (connection->fd >= 0 && (events[i].events & EPOLLOUT)) flush(connection);
      if (connection->fd >= 0 && (events[i].events & ~(uint32_t)EPOLLOUT)) receive(connection);
      if (!options.closed_loop) send_due();
    }
  }
  uint64_t at_ns = now_ns();
  if (at_ns < window.end_ns) window.end_ns = at_ns;
  give_up_all(at_ns);
}

int main(int argc, char **argv) {
  read_options(argc, argv);
  read_payloads();
  make_room_in_flight();
  open_connections();
  listen_for_interrupts();
  prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); // a normal thread may otherwise wake up 50 µs after its timer
  window.start_ns = now_ns();
  window.measure_ns = window.start_ns + (uint64_t)(options.warmup_seconds * 1e9);
  window.end_ns = window.measure_ns + (uint64_t)(options.duration_seconds * 1e9);
  begin_arrivals();
  run();
  print_report();
  if (live_connections == 0) fail(1, "the server closed every connection");
  return 0;
}
