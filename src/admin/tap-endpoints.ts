// A live view of decisions, as lines of JSON for as long as the caller reads them. Whoever reads too slowly loses
// lines, and is told how many; nothing is queued without a bound.
import type { DecisionJson } from './backend.js';
import type { AdminContext, AdminRequest, Endpoint } from './endpoint.js';

const LINES_TYPE = 'application/x-ndjson';

/** What waits for one reader. */
const WAITING_BYTES_MAX = 256 * 1024;

/** A line comes at least this often, so that a reader that is gone is noticed. */
const PULSE_MS = 1000;

/** Less is nothing. */
const SAMPLE_MIN = 1e-9;

const encoder = new TextEncoder();

export const TAP_ENDPOINTS: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/v1/decisions',
    operationId: 'tapDecisions',
    summary:
      'Decisions as they are made, a JSON object a line, until the caller goes. Once a second a line has nothing but ' +
      '`dropped`: how many decisions could not be told since the last such line.',
    query: {
      org_id: { type: 'uuid', about: 'Only of this org.' },
      sample: { type: 'number', about: 'Which part of them.', minimum: SAMPLE_MIN, maximum: 1, default: 1 },
    },
    answers: { 200: { about: 'Lines, without an end.', type: LINES_TYPE } },
    refusals: ['overloaded'],
    handle: tapDecisions,
  },
];

function tapDecisions({ query }: AdminRequest, { backend, closing }: AdminContext): Response {
  const orgId = query.get('org_id');
  const sample = query.get('sample');
  let end: () => void = () => undefined;
  const body = new ReadableStream<Uint8Array>(
    {
      start: (reader) => {
        end = streamTo(reader, closing, (take) =>
          backend.tap(
            {
              ...(typeof orgId === 'string' ? { orgId } : {}),
              sample: typeof sample === 'number' ? sample : 1,
            },
            take,
          ),
        );
      },
      cancel: () => {
        end();
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: WAITING_BYTES_MAX }),
  );
  return new Response(body, { headers: { 'content-type': LINES_TYPE } });
}

type Take = (decisions: readonly DecisionJson[], dropped: number) => number;

/** Returns what ends it: the reader going, or the server closing. */
function streamTo(
  reader: ReadableStreamDefaultController<Uint8Array>,
  closing: AbortSignal,
  open: (take: Take) => () => void,
): () => void {
  let dropped = 0;
  const write = (line: unknown): boolean => {
    if ((reader.desiredSize ?? 0) <= 0) return false;
    reader.enqueue(encoder.encode(`${JSON.stringify(line)}\n`));
    return true;
  };
  const close = open((decisions, droppedBefore) => {
    const lost = decisions.filter((decision) => !write(decision)).length;
    dropped += droppedBefore + lost;
    return lost;
  });
  const pulse = setInterval(() => {
    if (write({ dropped })) dropped = 0;
  }, PULSE_MS);
  const end = (): void => {
    clearInterval(pulse);
    close();
    closing.removeEventListener('abort', endAll);
  };
  const endAll = (): void => {
    end();
    reader.close();
  };
  closing.addEventListener('abort', endAll, { once: true });
  // The reader learns at once that it is listened to.
  write({ dropped });
  return end;
}
