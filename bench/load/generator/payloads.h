// The requests as the file of --payloads has them: ready-made frames, sent over and over in turn, each under an id of its
// own.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEADER_BYTES 4
#define ID_OFFSET 3 // 0x94 0x00 0xce, then the id

struct payload {
  const uint8_t *frame;
  size_t bytes;
};

extern struct payload *payloads;
extern size_t payload_count;

void read_payloads(void);

// The payload has its id where this program writes it: [0, id as 0xce and four bytes, ...
bool starts_with_id(const uint8_t *payload, size_t bytes);

// Big-endian, of up to four bytes.
uint32_t read_uint(const uint8_t *bytes, size_t count);
