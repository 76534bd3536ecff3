#include "payloads.h"
#include "failure.h"
#include "options.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BYTES_MAX (64u << 20)
#define SMALLEST_PAYLOAD_BYTES 7

struct payload *payloads;
size_t payload_count;

bool starts_with_id(const uint8_t *payload, size_t bytes) {
  return bytes >= SMALLEST_PAYLOAD_BYTES && memcmp(payload, "\x94\x00\xce", ID_OFFSET) == 0;
}

uint32_t read_uint(const uint8_t *bytes, size_t count) {
  uint32_t value = 0;
  for (size_t i = 0; i < count; i++) value = value << 8 | bytes[i];
  return value;
}

void read_payloads(void) {
  int fd = open(options.payloads_path, O_RDONLY | O_CLOEXEC);
  struct stat status;
  if (fd < 0 || fstat(fd, &status) != 0) fail(1, "%s: %s", options.payloads_path, strerror(errno));
  if (!S_ISREG(status.st_mode)) fail(1, "%s: not a regular file", options.payloads_path);
  if (status.st_size == 0) fail(1, "%s: empty; expected at least one frame", options.payloads_path);
  if (status.st_size > (off_t)FILE_BYTES_MAX) fail(1, "%s: over %u bytes", options.payloads_path, FILE_BYTES_MAX);
  size_t size = (size_t)status.st_size, filled = 0;
  uint8_t *file = need_memory(malloc(size));
  while (filled < size) {
    ssize_t got = read(fd, file + filled, size - filled);
    if (got <= 0) fail(1, "%s: can't be read in full", options.payloads_path);
    filled += (size_t)got;
  }
  close(fd);
  payloads = need_memory(calloc(size / (HEADER_BYTES + SMALLEST_PAYLOAD_BYTES) + 1, sizeof *payloads));
  for (size_t offset = 0; offset < size;) {
    size_t left = size - offset;
    size_t bytes = left < HEADER_BYTES ? 0 : read_uint(file + offset, HEADER_BYTES);
    if (left < HEADER_BYTES || bytes > left - HEADER_BYTES)
      fail(1, "%s: frame %zu is cut off", options.payloads_path, payload_count + 1);
    if (!options.http && !starts_with_id(file + offset + HEADER_BYTES, bytes))
      fail(1, "%s: frame %zu doesn't start with 94 00 ce and an id", options.payloads_path, payload_count + 1);
    size_t skipped = options.http ? HEADER_BYTES : 0;
    payloads[payload_count++] =
        (struct payload){.frame = file + offset + skipped, .bytes = HEADER_BYTES + bytes - skipped};
    offset += HEADER_BYTES + bytes;
  }
}
