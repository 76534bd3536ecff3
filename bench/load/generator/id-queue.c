#include "id-queue.h"
#include "failure.h"
#include <stdlib.h>

void id_queue_push(struct id_queue *queue, uint32_t id) {
  if (queue->count == queue->capacity) {
    size_t capacity = queue->capacity == 0 ? 64 : queue->capacity * 2;
    uint32_t *grown = need_memory(malloc(capacity * sizeof *grown));
    for (size_t i = 0; i < queue->count; i++) grown[i] = queue->ids[(queue->start + i) & (queue->capacity - 1)];
    free(queue->ids);
    *queue = (struct id_queue){.ids = grown, .count = queue->count, .capacity = capacity};
  }
  queue->ids[(queue->start + queue->count++) & (queue->capacity - 1)] = id;
}

uint32_t id_queue_shift(struct id_queue *queue) {
  if (queue->count == 0) fail(1, "an answer that nobody asked for");
  uint32_t id = queue->ids[queue->start & (queue->capacity - 1)];
  queue->start++;
  queue->count--;
  return id;
}
