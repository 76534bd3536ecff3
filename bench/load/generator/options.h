// The command line, read once.
#pragma once
#include <stdbool.h>
#include <stddef.h>

#define BATCH_MAX 256 // sends between two looks at the sockets, so the longest burst, too

struct options {
  const char *socket_path, *payloads_path;
  double rate_per_second, duration_seconds, warmup_seconds, spin_us;
  size_t connection_count, pipeline, burst;
  bool closed_loop, echo, http;
};

extern struct options options;

void read_options(int argc, char **argv);
