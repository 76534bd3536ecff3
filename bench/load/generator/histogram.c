#include "histogram.h"

static size_t bucket_of(uint64_t value) {
  if (value < SUB_BUCKETS) return (size_t)value;
  unsigned shift = 63u - (unsigned)__builtin_clzll(value) - SUB_BITS;
  return (size_t)(shift + 1) * SUB_BUCKETS + (size_t)((value >> shift) - SUB_BUCKETS);
}

uint64_t bucket_top(size_t bucket) {
  if (bucket < SUB_BUCKETS) return bucket;
  return ((uint64_t)(SUB_BUCKETS + bucket % SUB_BUCKETS + 1) << (bucket / SUB_BUCKETS - 1)) - 1;
}

void histogram_add(struct histogram *histogram, uint64_t value) {
  histogram->counts[bucket_of(value)]++;
  histogram->total++;
  if (value > histogram->max) histogram->max = value;
}

uint64_t histogram_quantile(const struct histogram *histogram, double share) {
  double exact_rank = share * (double)histogram->total;
  uint64_t rank = (uint64_t)exact_rank;
  if ((double)rank < exact_rank || rank == 0) rank++;
  uint64_t seen = 0;
  for (size_t bucket = 0; bucket < BUCKETS; bucket++) {
    seen += histogram->counts[bucket];
    if (seen >= rank) return bucket_top(bucket) < histogram->max ? bucket_top(bucket) : histogram->max;
  }
  return histogram->max;
}
