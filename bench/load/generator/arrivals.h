// The schedule of an open loop: the k-th request is due at the start + k/R, whatever became of the others, or with --burst
// the k-th N of them. A request goes out at the first look at the schedule after it is due, and how late that was is
// counted, too.
//
// Frames take turns over the connections. Over HTTP a request goes to a connection with nothing in flight where there is
// one, as HTTP clients do with their pools.
#pragma once
#include <stdbool.h>
#include <stdint.h>

void begin_arrivals(void);

bool anything_due(uint64_t at_ns);

// Sends everything that is due, whatever became of what was sent before.
void send_due(void);

// How long the program may sleep, so that it spins for the last microseconds before a send.
uint64_t time_to_wait(uint64_t at_ns);
