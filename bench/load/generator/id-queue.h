// Ids in the order in which they were sent: answers over HTTP carry none.
#pragma once
#include <stddef.h>
#include <stdint.h>

struct id_queue {
  uint32_t *ids;
  size_t start, count, capacity; // a ring; the capacity is a power of two
};

void id_queue_push(struct id_queue *queue, uint32_t id);
uint32_t id_queue_shift(struct id_queue *queue);
