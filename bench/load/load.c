// The load generator: sends ready-made request frames over Unix stream sockets from one epoll thread, matches the
// answers by id, and prints one JSON object. It is C so that what it measures is the server, not itself.
//
// Open loop (--rate R): the k-th request is due at start + k/R, whatever became of the others, and its latency counts
// from that moment; so a stall shows up in every request that had to wait for it. Closed loop (--closed): --pipeline
// frames are kept in flight on each connection; right for throughput, blind to queueing.
//
// Waiting for the next send is a trade. A sleeping thread wakes up late (a timer, a scheduler, perhaps a hypervisor),
// and that lateness would be booked to the server; a spinning one takes a whole core. So it sleeps until --spin
// microseconds (50) before a send and spins from there. Above 20,000/s it therefore always spins: on a machine with
// two cores the server has one left, and `generatorLateUs` says how late the sends really were.
//
// With --burst N, N requests are due at the same moment on one connection, as a gateway sends them that pipelines.
//
// With --http the frames' payloads are whole HTTP/1.1 requests, sent without the frame's header; answers belong to
// their connection's requests in order. A request goes to a connection with nothing in flight where there is one, as
// HTTP clients do with their pools; frames take turns over the connections.
//
// A request that is never answered enters the percentiles with the time that it waited, a lower bound; leaving it out
// would flatter the tail. Requests due during the warm-up are sent and answered, but not counted.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define SECOND_NS UINT64_C(1000000000)
#define DRAIN_NS (2 * SECOND_NS)          // how long the last answers are waited for
#define WAIT_MAX_NS (SECOND_NS / 10)      // the longest sleep, so that an interrupt is noticed
#define CONNECTIONS_MAX 4096              // a slot names its connection in 16 bits
#define PIPELINE_MAX 65536
#define RATE_MAX 100e6
#define SECONDS_MAX 86400.0
#define FILE_BYTES_MAX (64u << 20)
#define FRAME_BYTES_MAX (64u << 20)       // an answer above this is a broken stream, not an answer
#define UNSENT_BYTES_MAX (256u << 20)     // a connection: the server stopped reading long ago
#define SLOTS_MAX (1u << 24)              // ids between the oldest unanswered request and the newest
#define READ_BYTES 65536                  // one read; small, so that a send never waits long for the reading
#define BATCH_MAX 256                     // sends between two looks at the sockets
#define HEADER_BYTES 4
#define ID_OFFSET 3                       // 0x94 0x00 0xce, then the id
#define SMALLEST_PAYLOAD_BYTES 7
#define HTTP_HEAD_BYTES_MAX 16384         // an answer's status line and headers

// ---- Failing ------------------------------------------------------------------------------------------------------

__attribute__((noreturn, format(printf, 2, 3))) static void fail(int status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("load: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  exit(status);
}

static void *need_memory(void *memory) {
  if (memory == NULL) fail(1, "out of memory");
  return memory;
}

// ---- Histogram ----------------------------------------------------------------------------------------------------
// 128 buckets for each power of two, as HdrHistogram has them: a value is off by less than 0.8 %, at any scale.

enum { SUB_BITS = 7, SUB_BUCKETS = 1 << SUB_BITS, BUCKETS = (64 - SUB_BITS + 1) * SUB_BUCKETS };

struct histogram {
  uint64_t counts[BUCKETS];
  uint64_t total;
  uint64_t max; // exact
};

static size_t bucket_of(uint64_t value) {
  if (value < SUB_BUCKETS) return (size_t)value;
  unsigned shift = 63u - (unsigned)__builtin_clzll(value) - SUB_BITS;
  return (size_t)(shift + 1) * SUB_BUCKETS + (size_t)((value >> shift) - SUB_BUCKETS);
}

// The largest value that falls into a bucket.
static uint64_t bucket_top(size_t bucket) {
  if (bucket < SUB_BUCKETS) return bucket;
  return ((uint64_t)(SUB_BUCKETS + bucket % SUB_BUCKETS + 1) << (bucket / SUB_BUCKETS - 1)) - 1;
}

static void histogram_add(struct histogram *histogram, uint64_t value) {
  histogram->counts[bucket_of(value)]++;
  histogram->total++;
  if (value > histogram->max) histogram->max = value;
}

// The smallest recorded value that at least that share of all values doesn't exceed; 0 without values.
static uint64_t histogram_quantile(const struct histogram *histogram, double share) {
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

// ---- State --------------------------------------------------------------------------------------------------------

struct buffer {
  uint8_t *bytes;
  size_t start, end, capacity; // the content is bytes[start..end)
};

// Ids in the order in which they were sent: answers over HTTP carry none.
struct queue {
  uint32_t *ids;
  size_t start, count, capacity; // a ring; the capacity is a power of two
};

struct connection {
  int fd; // -1: closed
  bool unflushed, wants_write;
  uint64_t flushed_at_ns;
  struct buffer out, in;
  struct queue sent; // only with --http
};

// A request in flight, at slots[id & mask].
struct slot {
  uint64_t due_ns;
  uint32_t id;
  uint16_t connection;
  bool busy;
};

struct payload {
  const uint8_t *frame;
  size_t bytes;
};

static struct {
  const char *socket_path, *payloads_path;
  double rate_per_second, duration_seconds, warmup_seconds, spin_us;
  size_t connection_count, pipeline, burst;
  bool closed_loop, echo, http;
} options = {
    .duration_seconds = 5, .warmup_seconds = 1, .spin_us = 50, .connection_count = 16, .pipeline = 1, .burst = 1};

static struct payload *payloads;
static size_t payload_count;
static struct connection *connections;
static size_t live_connections;
static struct slot *slots;
static uint32_t slot_mask;
static uint32_t last_id;
static uint64_t in_flight;
static int epoll_fd;
static uint64_t start_ns, measure_ns, end_ns, spin_ns;
static uint64_t scheduled, next_due_ns; // open loop: requests sent so far, and when the next is due
static struct histogram latency, lateness;
static volatile sig_atomic_t interrupted;

static struct {
  uint64_t sent, answered, decisions, errors, unanswered, unmatched, notifications, closed_connections;
  uint64_t sent_in_window, answered_in_window, decisions_in_window; // by the moment it happened, not by when due
  uint64_t bytes_sent, bytes_received;                              // warm-up included
} totals;

static uint64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * SECOND_NS + (uint64_t)time.tv_nsec;
}

static bool in_window(uint64_t at_ns) { return at_ns >= measure_ns && at_ns < end_ns; }

static void on_signal(int signal_number) { interrupted = signal_number; }

// ---- Requests in flight -------------------------------------------------------------------------------------------

static void give_up(struct slot *slot, uint64_t at_ns) {
  slot->busy = false;
  in_flight--;
  if (slot->due_ns < measure_ns) return;
  totals.unanswered++;
  histogram_add(&latency, at_ns - slot->due_ns);
}

static void grow_slots(void) {
  uint32_t mask = slot_mask * 2 + 1;
  struct slot *grown = need_memory(calloc((size_t)mask + 1, sizeof *grown));
  for (uint32_t i = 0; i <= slot_mask; i++) {
    if (slots[i].busy) grown[slots[i].id & mask] = slots[i];
  }
  free(slots);
  slots = grown;
  slot_mask = mask;
}

static uint32_t take_slot(size_t connection, uint64_t due_ns) {
  uint32_t id = ++last_id;
  while (slots[id & slot_mask].busy && slot_mask + 1 < SLOTS_MAX) grow_slots();
  struct slot *slot = &slots[id & slot_mask];
  if (slot->busy) give_up(slot, now_ns());
  *slot = (struct slot){.due_ns = due_ns, .id = id, .connection = (uint16_t)connection, .busy = true};
  in_flight++;
  return id;
}

// ---- Connections --------------------------------------------------------------------------------------------------

static void reserve(struct buffer *buffer, size_t bytes) {
  if (buffer->start == buffer->end) buffer->start = buffer->end = 0;
  if (buffer->capacity - buffer->end >= bytes) return;
  size_t used = buffer->end - buffer->start;
  if (used + bytes > buffer->capacity / 2) { // moving alone would have to be done again soon
    buffer->capacity = (used + bytes) * 2;
    uint8_t *grown = need_memory(malloc(buffer->capacity));
    if (used > 0) memcpy(grown, buffer->bytes + buffer->start, used);
    free(buffer->bytes);
    buffer->bytes = grown;
  } else {
    memmove(buffer->bytes, buffer->bytes + buffer->start, used);
  }
  buffer->start = 0;
  buffer->end = used;
}

static void close_connection(struct connection *connection) {
  close(connection->fd);
  connection->fd = -1;
  connection->unflushed = false;
  live_connections--;
  totals.closed_connections++;
  uint64_t at_ns = now_ns();
  for (uint32_t i = 0; i <= slot_mask; i++) {
    if (slots[i].busy && slots[i].connection == connection - connections) give_up(&slots[i], at_ns);
  }
}

static void watch(struct connection *connection, int operation, bool wants_write) {
  connection->wants_write = wants_write;
  struct epoll_event event = {.events = wants_write ? EPOLLIN | EPOLLOUT : EPOLLIN};
  event.data.u64 = (uint64_t)(connection - connections);
  if (epoll_ctl(epoll_fd, operation, connection->fd, &event) != 0) fail(1, "epoll_ctl: %s", strerror(errno));
}

// Writes what the socket takes; the rest waits for it to be writable.
static void flush(struct connection *connection) {
  struct buffer *out = &connection->out;
  connection->unflushed = false;
  while (out->start < out->end) {
    ssize_t sent = send(connection->fd, out->bytes + out->start, out->end - out->start, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      out->start += (size_t)sent;
      totals.bytes_sent += (uint64_t)sent;
    } else if (errno == EAGAIN) {
      break;
    } else if (errno != EINTR) {
      close_connection(connection);
      return;
    }
  }
  if ((out->start < out->end) != connection->wants_write) watch(connection, EPOLL_CTL_MOD, !connection->wants_write);
}

static void queue_push(struct queue *queue, uint32_t id) {
  if (queue->count == queue->capacity) {
    size_t capacity = queue->capacity == 0 ? 64 : queue->capacity * 2;
    uint32_t *grown = need_memory(malloc(capacity * sizeof *grown));
    for (size_t i = 0; i < queue->count; i++) grown[i] = queue->ids[(queue->start + i) & (queue->capacity - 1)];
    free(queue->ids);
    *queue = (struct queue){.ids = grown, .count = queue->count, .capacity = capacity};
  }
  queue->ids[(queue->start + queue->count++) & (queue->capacity - 1)] = id;
}

static uint32_t queue_shift(struct queue *queue) {
  if (queue->count == 0) fail(1, "an answer that nobody asked for");
  uint32_t id = queue->ids[queue->start & (queue->capacity - 1)];
  queue->start++;
  queue->count--;
  return id;
}

// Puts the next request into the connection's buffer; flush() sends it.
static void enqueue(size_t index, uint64_t due_ns) {
  struct connection *connection = &connections[index];
  struct buffer *out = &connection->out;
  const struct payload *payload = &payloads[last_id % payload_count];
  size_t unsent = out->end - out->start;
  if (unsent > UNSENT_BYTES_MAX) fail(1, "the server doesn't read: %zu bytes unsent on one connection", unsent);
  uint32_t id = take_slot(index, due_ns);
  reserve(out, payload->bytes);
  uint8_t *frame = out->bytes + out->end;
  memcpy(frame, payload->frame, payload->bytes);
  if (options.http) queue_push(&connection->sent, id);
  else for (int i = 0; i < 4; i++) frame[HEADER_BYTES + ID_OFFSET + i] = (uint8_t)(id >> (24 - 8 * i));
  out->end += payload->bytes;
  connection->unflushed = true;
  if (due_ns >= measure_ns) totals.sent++;
}

// The payload has its id where the tool writes it: [0, id as 0xce and four bytes, ...
static bool starts_with_id(const uint8_t *payload, size_t bytes) {
  return bytes >= SMALLEST_PAYLOAD_BYTES && memcmp(payload, "\x94\x00\xce", ID_OFFSET) == 0;
}

static uint32_t read_uint(const uint8_t *bytes, size_t count) {
  uint32_t value = 0;
  for (size_t i = 0; i < count; i++) value = value << 8 | bytes[i];
  return value;
}

// ---- Answers ------------------------------------------------------------------------------------------------------

static void on_answer(size_t index, uint32_t id, bool is_error, uint64_t at_ns) {
  struct slot *slot = &slots[id & slot_mask];
  if (!slot->busy || slot->id != id || slot->connection != index) {
    totals.unmatched++;
    return;
  }
  slot->busy = false;
  in_flight--;
  if (in_window(at_ns)) {
    totals.answered_in_window++;
    if (!is_error) totals.decisions_in_window++;
  }
  if (slot->due_ns >= measure_ns) {
    histogram_add(&latency, at_ns - slot->due_ns);
    totals.answered++;
    if (is_error) totals.errors++;
    else totals.decisions++;
  }
  if (options.closed_loop && at_ns < end_ns && !interrupted) {
    enqueue(index, at_ns);
    if (in_window(at_ns)) totals.sent_in_window++;
  }
}

// What the first error says, for whoever has to find out: its bytes, as far as they are text.
static void show_first_error(const uint8_t *payload, size_t bytes) {
  static bool shown;
  if (shown) return;
  shown = true;
  fputs("load: first error answer: ", stderr);
  for (size_t i = 0; i < bytes && i < 200; i++) fputc(payload[i] >= 32 && payload[i] < 127 ? payload[i] : '.', stderr);
  fputc('\n', stderr);
}

// One payload: the request again (echo), [1, id, error, result], or the notification [2, method, params].
static void on_payload(size_t index, const uint8_t *payload, size_t bytes, uint64_t at_ns) {
  if (options.echo) {
    if (!starts_with_id(payload, bytes)) fail(1, "an echo that isn't the frame sent");
    on_answer(index, read_uint(payload + ID_OFFSET, 4), false, at_ns);
    return;
  }
  if (bytes >= 2 && payload[0] == 0x93 && payload[1] == 2) {
    totals.notifications++;
    return;
  }
  if (bytes >= 3 && payload[0] == 0x94 && payload[1] == 1) {
    uint8_t form = payload[2];
    size_t id_bytes = form == 0xcc ? 1 : form == 0xcd ? 2 : form == 0xce ? 4 : 0;
    if ((form < 0x80 || form == 0xc0 || id_bytes > 0) && bytes > 3 + id_bytes) {
      bool is_error = payload[3 + id_bytes] != 0xc0;
      if (is_error) show_first_error(payload, bytes);
      uint32_t id = id_bytes > 0 ? read_uint(payload + 3, id_bytes) : form;
      if (form == 0xc0) totals.errors++; // refused without being understood: its request stays unanswered
      else on_answer(index, id, is_error, at_ns);
      return;
    }
  }
  uint8_t first[3] = {0};
  memcpy(first, payload, bytes < 3 ? bytes : 3);
  fail(1, "not an answer [1, id, error, result]: %zu bytes from %02x %02x %02x", bytes, first[0], first[1], first[2]);
}

// One answer at the front of the buffer; its bytes, or 0 while it isn't whole.
static size_t on_http(size_t index, const uint8_t *bytes, size_t count, uint64_t at_ns) {
  const uint8_t *end = memmem(bytes, count, "\r\n\r\n", 4);
  if (end == NULL && count < HTTP_HEAD_BYTES_MAX) return 0;
  if (end == NULL || count < 12 || memcmp(bytes, "HTTP/1.1 ", 9) != 0) fail(1, "not an answer over HTTP/1.1");
  size_t length = SIZE_MAX;
  for (const uint8_t *line = bytes; line < end; line++) {
    line = memchr(line, '\n', (size_t)(end - line));
    if (line == NULL) break;
    if (strncasecmp((const char *)line + 1, "content-length:", 15) == 0)
      length = strtoul((const char *)line + 16, NULL, 10);
  }
  if (length == SIZE_MAX) fail(1, "an answer without content-length");
  if (length > FRAME_BYTES_MAX) fail(1, "an answer of %zu bytes", length);
  size_t whole = (size_t)(end + 4 - bytes) + length;
  if (whole > count) return 0;
  bool is_error = memcmp(bytes + 9, "200", 3) != 0;
  if (is_error) show_first_error(bytes, whole);
  on_answer(index, queue_shift(&connections[index].sent), is_error, at_ns);
  return whole;
}

static void receive(struct connection *connection) {
  struct buffer *in = &connection->in;
  reserve(in, READ_BYTES);
  ssize_t received = recv(connection->fd, in->bytes + in->end, READ_BYTES, MSG_DONTWAIT);
  if (received < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (received <= 0) {
    close_connection(connection);
    return;
  }
  uint64_t at_ns = now_ns();
  in->end += (size_t)received;
  totals.bytes_received += (uint64_t)received;
  while (options.http && in->end > in->start) {
    size_t bytes = on_http((size_t)(connection - connections), in->bytes + in->start, in->end - in->start, at_ns);
    if (bytes == 0) break;
    in->start += bytes;
  }
  while (!options.http && in->end - in->start >= HEADER_BYTES) {
    size_t bytes = read_uint(in->bytes + in->start, HEADER_BYTES);
    if (bytes > FRAME_BYTES_MAX) fail(1, "an answer of %zu bytes: not a frame", bytes);
    if (in->end - in->start - HEADER_BYTES < bytes) break;
    on_payload((size_t)(connection - connections), in->bytes + in->start + HEADER_BYTES, bytes, at_ns);
    in->start += HEADER_BYTES + bytes;
  }
  if (connection->unflushed) flush(connection);
}

// ---- The two loops ------------------------------------------------------------------------------------------------

static bool anything_due(uint64_t at_ns) {
  return !options.closed_loop && next_due_ns < end_ns && next_due_ns <= at_ns;
}

// The connection of the next request, or of the next burst: they take turns.
static size_t next_connection(void) {
  static size_t turn;
  for (size_t i = 1; options.http && i <= options.connection_count; i++) {
    size_t candidate = (turn + i) % options.connection_count;
    if (connections[candidate].fd >= 0 && connections[candidate].sent.count == 0) return turn = candidate;
  }
  do turn = (turn + 1) % options.connection_count;
  while (connections[turn].fd < 0);
  return turn;
}

// Sends everything that is due, whatever became of what was sent before.
static void send_due(void) {
  static struct {
    struct connection *connection;
    uint64_t due_ns;
  } batch[BATCH_MAX];
  static size_t turn, burst_left;
  uint64_t at_ns = now_ns();
  size_t count = 0;
  while (count < BATCH_MAX && anything_due(at_ns) && live_connections > 0) {
    if (burst_left == 0 || connections[turn].fd < 0) {
      turn = next_connection();
      burst_left = options.burst;
    }
    burst_left--;
    enqueue(turn, next_due_ns);
    batch[count].connection = &connections[turn];
    batch[count++].due_ns = next_due_ns;
    uint64_t together = ++scheduled / options.burst * options.burst;
    next_due_ns = start_ns + (uint64_t)((double)together * 1e9 / options.rate_per_second);
  }
  for (size_t i = 0; i < count; i++) {
    struct connection *connection = batch[i].connection;
    if (!connection->unflushed) continue; // an earlier entry of the batch has flushed it
    connection->flushed_at_ns = now_ns();
    flush(connection);
  }
  for (size_t i = 0; i < count; i++) {
    uint64_t sent_ns = batch[i].connection->flushed_at_ns;
    if (in_window(sent_ns)) totals.sent_in_window++;
    if (batch[i].due_ns >= measure_ns) histogram_add(&lateness, sent_ns - batch[i].due_ns);
  }
}

// epoll_pwait2 sleeps to the nanosecond (Linux 5.11). Without it the sleep is cut down to whole milliseconds, so the
// rest is spun: hungrier, no less exact.
static int wait_for_events(struct epoll_event *events, int count, uint64_t timeout_ns) {
#ifdef SYS_epoll_pwait2
  static bool missing;
  if (timeout_ns > 0 && !missing) {
    struct { int64_t seconds, nanoseconds; } timeout = {
        .seconds = (int64_t)(timeout_ns / SECOND_NS),
        .nanoseconds = (int64_t)(timeout_ns % SECOND_NS),
    };
    int ready = (int)syscall(SYS_epoll_pwait2, epoll_fd, events, count, &timeout, NULL, (size_t)0);
    if (ready >= 0 || errno != ENOSYS) return ready;
    missing = true;
  }
#endif
  return epoll_wait(epoll_fd, events, count, (int)(timeout_ns / 1000000));
}

static uint64_t time_to_wait(uint64_t at_ns) {
  uint64_t until_ns = at_ns < end_ns ? end_ns : end_ns + DRAIN_NS;
  if (!options.closed_loop && next_due_ns < end_ns) {
    if (next_due_ns <= at_ns + spin_ns) return 0;
    until_ns = next_due_ns - spin_ns;
  }
  uint64_t wait_ns = until_ns > at_ns ? until_ns - at_ns : 0;
  return wait_ns < WAIT_MAX_NS ? wait_ns : WAIT_MAX_NS;
}

static void run(void) {
  struct epoll_event events[64];
  if (options.closed_loop) {
    for (size_t i = 0; i < options.connection_count; i++) {
      for (size_t depth = 0; depth < options.pipeline; depth++) enqueue(i, now_ns());
      flush(&connections[i]);
    }
  }
  while (!interrupted && live_connections > 0) {
    uint64_t at_ns = now_ns();
    bool all_sent = at_ns >= end_ns && !anything_due(at_ns);
    if ((all_sent && in_flight == 0) || at_ns >= end_ns + DRAIN_NS) break;
    if (!options.closed_loop) send_due();
    int ready = wait_for_events(events, 64, time_to_wait(now_ns()));
    if (ready < 0 && errno != EINTR) fail(1, "epoll_wait: %s", strerror(errno));
    for (int i = 0; i < ready; i++) {
      struct connection *connection = &connections[events[i].data.u64];
      if (connection->fd >= 0 && (events[i].events & EPOLLOUT)) flush(connection);
      if (connection->fd >= 0 && (events[i].events & ~(uint32_t)EPOLLOUT)) receive(connection);
      if (!options.closed_loop) send_due();
    }
  }
  uint64_t at_ns = now_ns();
  if (at_ns < end_ns) end_ns = at_ns;
  for (uint32_t i = 0; i <= slot_mask; i++) {
    if (slots[i].busy) give_up(&slots[i], at_ns);
  }
}

// ---- Setting up, and the result -----------------------------------------------------------------------------------

static void read_payloads(void) {
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

static void open_connections(void) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(options.socket_path) >= sizeof address.sun_path)
    fail(2, "--socket: longer than the %zu bytes a socket path can have", sizeof address.sun_path - 1);
  strcpy(address.sun_path, options.socket_path);
  if ((epoll_fd = epoll_create1(EPOLL_CLOEXEC)) < 0) fail(1, "epoll_create1: %s", strerror(errno));
  connections = need_memory(calloc(options.connection_count, sizeof *connections));
  for (size_t i = 0; i < options.connection_count; i++) {
    struct connection *connection = &connections[i];
    connection->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection->fd < 0) fail(1, "connection %zu: %s", i + 1, strerror(errno));
    struct timeval patience = {.tv_sec = 5}; // for connect(): a full backlog would hold it for ever
    setsockopt(connection->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(connection->fd, (struct sockaddr *)&address, sizeof address) != 0)
      fail(1, "connection %zu to %s: %s", i + 1, options.socket_path,
           errno == EAGAIN ? "the server doesn't accept it" : strerror(errno));
    watch(connection, EPOLL_CTL_ADD, false);
    live_connections++;
  }
}

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

static void read_options(int argc, char **argv) {
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

static double micros(uint64_t ns) { return (double)ns / 1000; }

static void print_result(void) {
  double seconds = end_ns > measure_ns ? (double)(end_ns - measure_ns) / 1e9 : 0;
  double per_second = seconds > 0 ? 1 / seconds : 0;
  printf("{\"mode\":\"%s\",\"connections\":%zu,\"pipeline\":%zu,", options.closed_loop ? "closed" : "open",
         options.connection_count, options.pipeline);
  if (options.closed_loop) printf("\"rateAskedPerSecond\":null,");
  else printf("\"rateAskedPerSecond\":%.10g,", options.rate_per_second);
  printf("\"sentPerSecond\":%.1f,\"answeredPerSecond\":%.1f,\"decisionsPerSecond\":%.1f,",
         (double)totals.sent_in_window * per_second, (double)totals.answered_in_window * per_second,
         (double)totals.decisions_in_window * per_second);
  const struct { const char *name; uint64_t count; } counts[] = {
      {"sent", totals.sent},
      {"answered", totals.answered},
      {"decisions", totals.decisions},
      {"errors", totals.errors},
      {"unanswered", totals.unanswered},
      {"unmatched", totals.unmatched},
      {"notifications", totals.notifications},
      {"closedConnections", totals.closed_connections},
      {"bytesSent", totals.bytes_sent},
      {"bytesReceived", totals.bytes_received},
  };
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
    printf("\"%s\":%" PRIu64 ",", counts[i].name, counts[i].count);
  }
  printf("\"latencyUs\":{\"p50\":%.2f,\"p90\":%.2f,\"p99\":%.2f,\"p999\":%.2f,\"p9999\":%.2f,\"max\":%.2f},",
         micros(histogram_quantile(&latency, 0.5)), micros(histogram_quantile(&latency, 0.9)),
         micros(histogram_quantile(&latency, 0.99)), micros(histogram_quantile(&latency, 0.999)),
         micros(histogram_quantile(&latency, 0.9999)), micros(latency.max));
  if (options.closed_loop) printf("\"generatorLateUs\":null,");
  else
    printf("\"generatorLateUs\":{\"p50\":%.2f,\"p99\":%.2f,\"max\":%.2f},", micros(histogram_quantile(&lateness, 0.5)),
           micros(histogram_quantile(&lateness, 0.99)), micros(lateness.max));
  // Every bucket that has something in it, as [its largest value, how many]: whoever reads it can merge and plot it.
  printf("\"histogramUs\":[");
  const char *comma = "";
  for (size_t bucket = 0; bucket < BUCKETS; bucket++) {
    if (latency.counts[bucket] == 0) continue;
    printf("%s[%.3f,%" PRIu64 "]", comma, micros(bucket_top(bucket)), latency.counts[bucket]);
    comma = ",";
  }
  printf("],\"durationSeconds\":%.6f,\"interrupted\":%s}\n", seconds, interrupted ? "true" : "false");
}

int main(int argc, char **argv) {
  read_options(argc, argv);
  read_payloads();
  slot_mask = 1023;
  slots = need_memory(calloc((size_t)slot_mask + 1, sizeof *slots));
  open_connections();
  struct sigaction action = {.sa_handler = on_signal};
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); // a normal thread may otherwise wake up 50 µs after its timer
  spin_ns = (uint64_t)(options.spin_us * 1000);
  start_ns = next_due_ns = now_ns();
  measure_ns = start_ns + (uint64_t)(options.warmup_seconds * 1e9);
  end_ns = measure_ns + (uint64_t)(options.duration_seconds * 1e9);
  run();
  print_result();
  if (live_connections == 0) fail(1, "the server closed every connection");
  return 0;
}
