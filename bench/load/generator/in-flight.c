// Ids ascend and are mostly answered in the order in which they were sent, so a request's slot is its id modulo their
// number; where that one is still taken, the number is doubled.
#include "in-flight.h"
#include "failure.h"
#include "tally.h"
#include <stdlib.h>

#define SLOTS_MAX (1u << 24) // ids between the oldest unanswered request and the newest

// A request in flight, at slots[id & slot_mask].
struct slot {
  uint64_t due_ns;
  uint32_t id;
  uint16_t connection;
  bool busy;
};

static struct slot *slots;
static uint32_t slot_mask;
static uint32_t last_id;
static uint64_t in_flight;

void make_room_in_flight(void) {
  slot_mask = 1023;
  slots = need_memory(calloc((size_t)slot_mask + 1, sizeof *slots));
}

uint64_t in_flight_count(void) { return in_flight; }

static void give_up(struct slot *slot, uint64_t at_ns) {
  slot->busy = false;
  in_flight--;
  if (slot->due_ns < window.measure_ns) return;
  tally.unanswered++;
  histogram_add(&tally.latency, at_ns - slot->due_ns);
}

static void grow_slots(void) {
  uint32_t mask = slot_mask * 2 + 1;
  struct slot *grown = need_memory(calloc((size_t)mask + 1, sizeof *grown));
  for (uint32_t i = 0; i <= slot_mask; i++) {
    if (slots[i].busy) grown[slots[i].id & mask] = slots[i];
  }
  free(slots);
  slots = grown;
  slot_mask = mask;
}

uint32_t begin_request(size_t connection, uint64_t due_ns) {
  uint32_t id = ++last_id;
  while (slots[id & slot_mask].busy && slot_mask + 1 < SLOTS_MAX) grow_slots();
  struct slot *slot = &slots[id & slot_mask];
  if (slot->busy) give_up(slot, now_ns());
  *slot = (struct slot){.due_ns = due_ns, .id = id, .connection = (uint16_t)connection, .busy = true};
  in_flight++;
  return id;
}

bool end_request(uint32_t id, size_t connection, uint64_t *due_ns) {
  struct slot *slot = &slots[id & slot_mask];
  if (!slot->busy || slot->id != id || slot->connection != connection) return false;
  slot->busy = false;
  in_flight--;
  *due_ns = slot->due_ns;
  return true;
}

void give_up_all(uint64_t at_ns) {
  for (uint32_t i = 0; i <= slot_mask; i++) {
    if (slots[i].busy) give_up(&slots[i], at_ns);
  }
}

void give_up_those_of(size_t connection, uint64_t at_ns) {
  for (uint32_t i = 0; i <= slot_mask; i++) {
    if (slots[i].busy && slots[i].connection == connection) give_up(&slots[i], at_ns);
  }
}
