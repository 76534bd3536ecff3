// A histogram of 128 buckets for each power of two, as HdrHistogram has them: a value is off by less than 0.8 %, at any
// scale.
#pragma once
#include <stddef.h>
#include <stdint.h>

enum { SUB_BITS = 7, SUB_BUCKETS = 1 << SUB_BITS, BUCKETS = (64 - SUB_BITS + 1) * SUB_BUCKETS };

struct histogram {
  uint64_t counts[BUCKETS];
  uint64_t total;
  uint64_t max; // exact
};

void histogram_add(struct histogram *histogram, uint64_t value);

// The smallest recorded value that at least that share of all values doesn't exceed; 0 without values.
uint64_t histogram_quantile(const struct histogram *histogram, double share);

// The largest value that falls into a bucket.
uint64_t bucket_top(size_t bucket);
