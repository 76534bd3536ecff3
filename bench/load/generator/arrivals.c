#include "arrivals.h"
#include "connections.h"
#include "options.h"
#include "tally.h"
#include <stddef.h>

#define WAIT_MAX_NS (SECOND_NS / 10) // the longest sleep, so that an interrupt is noticed

static uint64_t scheduled, next_due_ns; // requests sent so far, and when the next is due
static uint64_t spin_ns;

void begin_arrivals(void) {
  spin_ns = (uint64_t)(options.spin_us * 1000);
  next_due_ns = window.start_ns;
}

bool anything_due(uint64_t at_ns) {
  return !options.closed_loop && next_due_ns < window.end_ns && next_due_ns <= at_ns;
}

// The connection of the next request, or of the next burst: they take turns.
static size_t next_connection(void) {
  static size_t turn;
  for (size_t i = 1; options.http && i <= options.connection_count; i++) {
    size_t candidate = (turn + i) % options.connection_count;
    if (connections[candidate].fd >= 0 && connections[candidate].sent.count == 0) return turn = candidate;
  }
  do turn = (turn + 1) % options.connection_count;
  while (connections[turn].fd < 0);
  return turn;
}

void send_due(void) {
  static struct {
    struct connection *connection;
    uint64_t due_ns;
  } batch[BATCH_MAX];
  static size_t turn, burst_left;
  uint64_t at_ns = now_ns();
  size_t count = 0;
  while (count < BATCH_MAX && anything_due(at_ns) && live_connections > 0) {
    if (burst_left == 0 || connections[turn].fd < 0) {
      turn = next_connection();
      burst_left = options.burst;
    }
    burst_left--;
    enqueue(turn, next_due_ns);
    batch[count].connection = &connections[turn];
    batch[count++].due_ns = next_due_ns;
    uint64_t together = ++scheduled / options.burst * options.burst;
    next_due_ns = window.start_ns + (uint64_t)((double)together * 1e9 / options.rate_per_second);
  }
  for (size_t i = 0; i < count; i++) {
    struct connection *connection = batch[i].connection;
    if (!connection->unflushed) continue; // an earlier entry of the batch has flushed it
    connection->flushed_at_ns = now_ns();
    flush(connection);
  }
  for (size_t i = 0; i < count; i++) {
    uint64_t sent_ns = batch[i].connection->flushed_at_ns;
    if (in_window(sent_ns)) tally.sent_in_window++;
    if (batch[i].due_ns >= window.measure_ns) histogram_add(&tally.lateness, sent_ns - batch[i].due_ns);
  }
}

uint64_t time_to_wait(uint64_t at_ns) {
  uint64_t until_ns = at_ns < window.end_ns ? window.end_ns : window.end_ns + DRAIN_NS;
  if (!options.closed_loop && next_due_ns < window.end_ns) {
    if (next_due_ns <= at_ns + spin_ns) return 0;
    until_ns = next_due_ns - spin_ns;
  }
  uint64_t wait_ns = until_ns > at_ns ? until_ns - at_ns : 0;
  return wait_ns < WAIT_MAX_NS ? wait_ns : WAIT_MAX_NS;
}
