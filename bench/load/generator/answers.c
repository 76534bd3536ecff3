#include "answers.h"
#include "failure.h"
#include "in-flight.h"
#include "interrupt.h"
#include "options.h"
#include "payloads.h"
#include "tally.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#define FRAME_BYTES_MAX (64u << 20) // an answer above this is a broken stream, not an answer
#define READ_BYTES 65536            // one read; small, so that a send never waits long for the reading
#define HTTP_HEAD_BYTES_MAX 16384   // an answer's status line and headers

static void on_answer(size_t index, uint32_t id, bool is_error, uint64_t at_ns) {
  uint64_t due_ns;
  if (!end_request(id, index, &due_ns)) {
    tally.unmatched++;
    return;
  }
  if (in_window(at_ns)) {
    tally.answered_in_window++;
    if (!is_error) tally.decisions_in_window++;
  }
  if (due_ns >= window.measure_ns) {
    histogram_add(&tally.latency, at_ns - due_ns);
    tally.answered++;
    if (is_error) tally.errors++;
    else tally.decisions++;
  }
  if (options.closed_loop && at_ns < window.end_ns && !interrupted) {
    enqueue(index, at_ns);
    if (in_window(at_ns)) tally.sent_in_window++;
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
    tally.notifications++;
    return;
  }
  if (bytes >= 3 && payload[0] == 0x94 && payload[1] == 1) {
    uint8_t form = payload[2];
    size_t id_bytes = form == 0xcc ? 1 : form == 0xcd ? 2 : form == 0xce ? 4 : 0;
    if ((form < 0x80 || form == 0xc0 || id_bytes > 0) && bytes > 3 + id_bytes) {
      bool is_error = payload[3 + id_bytes] != 0xc0;
      if (is_error) show_first_error(payload, bytes);
      uint32_t id = id_bytes > 0 ? read_uint(payload + 3, id_bytes) : form;
      if (form == 0xc0) tally.errors++; // refused without being understood: its request stays unanswered
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
  on_answer(index, id_queue_shift(&connections[index].sent), is_error, at_ns);
  return whole;
}

void receive(struct connection *connection) {
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
  tally.bytes_received += (uint64_t)received;
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
