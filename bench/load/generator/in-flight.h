// The requests in flight: for each id when it was due, and on which connection it went out.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void make_room_in_flight(void);

uint64_t in_flight_count(void);

// Takes the next id, one above the last.
uint32_t begin_request(size_t connection, uint64_t due_ns);

// The answer to an id has come: when it was due. False where that connection has no such request in flight.
bool end_request(uint32_t id, size_t connection, uint64_t *due_ns);

// Nobody will answer these any more.
void give_up_all(uint64_t at_ns);
void give_up_those_of(size_t connection, uint64_t at_ns);
