// What is counted of the requests, and the window of time in which it counts.
//
// A request that is never answered enters the percentiles with the time that it waited, a lower bound; leaving it out
// would flatter the tail. Requests due during the warm-up are sent and answered, but not counted.
#pragma once
#include "histogram.h"
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define SECOND_NS UINT64_C(1000000000)
#define DRAIN_NS (2 * SECOND_NS) // how long the last answers are waited for

// The moments at which the warm-up begins, at which it is over, and at which the last request may be due.
struct window {
  uint64_t start_ns, measure_ns, end_ns;
};

struct tally {
  uint64_t sent, answered, decisions, errors, unanswered, unmatched, notifications, closed_connections;
  uint64_t sent_in_window, answered_in_window, decisions_in_window; // by the moment it happened, not by when due
  uint64_t bytes_sent, bytes_received;                              // warm-up included
  struct histogram latency, lateness;                               // in nanoseconds
};

extern struct window window;
extern struct tally tally;

// On the way of every request: inline.
static inline uint64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * SECOND_NS + (uint64_t)time.tv_nsec;
}

static inline bool in_window(uint64_t at_ns) { return at_ns >= window.measure_ns && at_ns < window.end_ns; }
