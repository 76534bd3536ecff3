// Bytes on their way between the program and a socket.
#pragma once
#include <stddef.h>
#include <stdint.h>

struct buffer {
  uint8_t *bytes;
  size_t start, end, capacity; // the content is bytes[start..end)
};

// Makes room for so many bytes behind the content.
void reserve(struct buffer *buffer, size_t bytes);
