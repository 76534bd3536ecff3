#include "options.h"
#include "failure.h"
#include <getopt.h>
#include <stdlib.h>

#define CONNECTIONS_MAX 4096 // a request in flight names its connection in 16 bits
#define PIPELINE_MAX 65536
#define RATE_MAX 100e6
#define SECONDS_MAX 86400.0

struct options options = {
    .duration_seconds = 5, .warmup_seconds = 1, .spin_us = 50, .connection_count = 16, .pipeline = 1, .burst = 1};

static double number(const char *flag, double least, double most) {
  char *rest;
  double value = strtod(optarg, &rest);
  if (rest == optarg || *rest != '\0' || !(value >= least && value <= most))
    fail(2, "--%s: expected a number from %.10g to %.10g, got '%s'", flag, least, most, optarg);
  return value;
}

static size_t whole_number(const char *flag, size_t most) {
  double value = number(flag, 1, (double)most);
  if (value != (double)(size_t)value) fail(2, "--%s: expected a whole number, got '%s'", flag, optarg);
  return (size_t)value;
}

void read_options(int argc, char **argv) {
  enum { SOCKET, PAYLOADS, CONNECTIONS, RATE, CLOSED, PIPELINE, DURATION, WARMUP, SPIN, BURST, ECHO, HTTP };
  static const struct option flags[] = {
      {"socket", required_argument, NULL, SOCKET},
      {"payloads", required_argument, NULL, PAYLOADS},
      {"connections", required_argument, NULL, CONNECTIONS},
      {"rate", required_argument, NULL, RATE},
      {"closed", no_argument, NULL, CLOSED},
      {"pipeline", required_argument, NULL, PIPELINE},
      {"duration", required_argument, NULL, DURATION},
      {"warmup", required_argument, NULL, WARMUP},
      {"spin", required_argument, NULL, SPIN},
      {"burst", required_argument, NULL, BURST},
      {"echo", no_argument, NULL, ECHO},
      {"http", no_argument, NULL, HTTP},
      {NULL, 0, NULL, 0},
  };
  static const char usage[] =
      "usage: load --socket PATH --payloads FILE (--rate PER_SECOND [--burst N] | --closed [--pipeline N]) "
      "[--connections N] [--duration SECONDS] [--warmup SECONDS] [--spin MICROSECONDS] [--echo | --http]";
  if (argc == 1) fail(2, "%s", usage);
  opterr = 0;
  bool pipeline_given = false;
  int flag;
  while ((flag = getopt_long(argc, argv, ":", flags, NULL)) != -1) {
    switch (flag) {
      case SOCKET: options.socket_path = optarg; break;
      case PAYLOADS: options.payloads_path = optarg; break;
      case CONNECTIONS: options.connection_count = whole_number("connections", CONNECTIONS_MAX); break;
      case RATE: options.rate_per_second = number("rate", 0.01, RATE_MAX); break;
      case CLOSED: options.closed_loop = true; break;
      case PIPELINE:
        options.pipeline = whole_number("pipeline", PIPELINE_MAX);
        pipeline_given = true;
        break;
      case DURATION: options.duration_seconds = number("duration", 0.001, SECONDS_MAX); break;
      case WARMUP: options.warmup_seconds = number("warmup", 0, SECONDS_MAX); break;
      case SPIN: options.spin_us = number("spin", 0, 1e6); break;
      case BURST: options.burst = whole_number("burst", BATCH_MAX); break;
      case ECHO: options.echo = true; break;
      case HTTP: options.http = true; break;
      default: fail(2, "%s: %s", argv[optind - 1], flag == ':' ? "needs a value" : "unknown flag");
    }
  }
  if (optind < argc) fail(2, "unexpected argument '%s'", argv[optind]);
  if (options.socket_path == NULL || options.payloads_path == NULL) fail(2, "--socket and --payloads are needed");
  if (options.closed_loop == (options.rate_per_second > 0)) fail(2, "one of --rate and --closed is needed");
  if (pipeline_given && !options.closed_loop) fail(2, "--pipeline belongs to --closed");
  if (options.burst > 1 && options.closed_loop) fail(2, "--burst belongs to --rate");
  if (options.echo && options.http) fail(2, "--echo and --http exclude each other");
}
