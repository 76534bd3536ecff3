#include "buffer.h"
#include "failure.h"
#include <stdlib.h>
#include <string.h>

void reserve(struct buffer *buffer, size_t bytes) {
  if (buffer->start == buffer->end) buffer->start = buffer->end = 0;
  if (buffer->capacity - buffer->end >= bytes) return;
  size_t used = buffer->end - buffer->start;
  if (used + bytes > buffer->capacity / 2) { // moving alone would have to be done again soon
    buffer->capacity = (used + bytes) * 2;
    uint8_t *grown = need_memory(malloc(buffer->capacity));
    if (used > 0) memcpy(grown, buffer->bytes + buffer->start, used);
    free(buffer->bytes);
    buffer->bytes = grown;
  } else {
    memmove(buffer->bytes, buffer->bytes + buffer->start, used);
  }
  buffer->start = 0;
  buffer->end = used;
}
