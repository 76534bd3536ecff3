#include "report.h"
#include "interrupt.h"
#include "options.h"
#include "tally.h"
#include <inttypes.h>
#include <stdio.h>

static double micros(uint64_t ns) { return (double)ns / 1000; }

void print_report(void) {
  double seconds = window.end_ns > window.measure_ns ? (double)(window.end_ns - window.measure_ns) / 1e9 : 0;
  double per_second = seconds > 0 ? 1 / seconds : 0;
  printf("{\"mode\":\"%s\",\"connections\":%zu,\"pipeline\":%zu,", options.closed_loop ? "closed" : "open",
         options.connection_count, options.pipeline);
  if (options.closed_loop) printf("\"rateAskedPerSecond\":null,");
  else printf("\"rateAskedPerSecond\":%.10g,", options.rate_per_second);
  printf("\"sentPerSecond\":%.1f,\"answeredPerSecond\":%.1f,\"decisionsPerSecond\":%.1f,",
         (double)tally.sent_in_window * per_second, (double)tally.answered_in_window * per_second,
         (double)tally.decisions_in_window * per_second);
  const struct { const char *name; uint64_t count; } counts[] = {
      {"sent", tally.sent},
      {"answered", tally.answered},
      {"decisions", tally.decisions},
      {"errors", tally.errors},
      {"unanswered", tally.unanswered},
      {"unmatched", tally.unmatched},
      {"notifications", tally.notifications},
      {"closedConnections", tally.closed_connections},
      {"bytesSent", tally.bytes_sent},
      {"bytesReceived", tally.bytes_received},
  };
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
    printf("\"%s\":%" PRIu64 ",", counts[i].name, counts[i].count);
  }
  printf("\"latencyUs\":{\"p50\":%.2f,\"p90\":%.2f,\"p99\":%.2f,\"p999\":%.2f,\"p9999\":%.2f,\"max\":%.2f},",
         micros(histogram_quantile(&tally.latency, 0.5)), micros(histogram_quantile(&tally.latency, 0.9)),
         micros(histogram_quantile(&tally.latency, 0.99)), micros(histogram_quantile(&tally.latency, 0.999)),
         micros(histogram_quantile(&tally.latency, 0.9999)), micros(tally.latency.max));
  if (options.closed_loop) printf("\"generatorLateUs\":null,");
  else
    printf("\"generatorLateUs\":{\"p50\":%.2f,\"p99\":%.2f,\"max\":%.2f},",
           micros(histogram_quantile(&tally.lateness, 0.5)), micros(histogram_quantile(&tally.lateness, 0.99)), micros(tally.lateness.max));
  // Every bucket that has something in it, as [its largest value, how many]: whoever reads it can merge and plot it.
  printf("\"histogramUs\":[");
  const char *comma = "";
  for (size_t bucket = 0; bucket < BUCKETS; bucket++) {
    if (tally.latency.counts[bucket] == 0) continue;
    printf("%s[%.3f,%" PRIu64 "]", comma, micros(bucket_top(bucket)), tally.latency.counts[bucket]);
    comma = ",";
  }
  printf("],\"durationSeconds\":%.6f,\"interrupted\":%s}\n", seconds, interrupted ? "true" : "false");
}
