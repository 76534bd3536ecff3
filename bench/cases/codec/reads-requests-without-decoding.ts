// From a frame's payload to a request that has been checked, against msgpackr, which only decodes.
import { Unpackr } from 'msgpackr/unpack';
import { codeCase } from '../../support/code-case.js';
import { readAll, readBufferOf } from '../../support/codec.js';
import { loremOf } from '../../support/mixes.js';
import { typicalWorkload } from '../../support/typical.js';

const unpackr = new Unpackr({ useRecords: false });

const LONG_PROMPT = loremOf(10_000);

function buffer(prompt?: string) {
  const { requests } = typicalWorkload(20, 64);
  return readBufferOf(requests.map((request) => (prompt === undefined ? request : { ...request, prompt })));
}

function signalbox(prompt?: string) {
  const input = buffer(prompt);
  return { operations: input.payloads.length, run: () => readAll(input) };
}

function msgpackr(prompt?: string) {
  const { bytes, payloads } = buffer(prompt);
  return {
    operations: payloads.length,
    run: () => {
      let read = 0;
      for (const { start, end } of payloads) {
        const message = unpackr.unpack(bytes.subarray(start, end)) as [
          0,
          number,
          string,
          [{ model: string }],
        ];
        read += message[3][0].model.length;
      }
      return read;
    },
  };
}

export const bench = codeCase({
  about: 'time to read one request; the ratio is to msgpackr',
  isInReadme: true,
  subjects: {
    'typical-request': () => signalbox(),
    'typical-request-msgpackr': () => msgpackr(),
    '10-KB-prompt': () => signalbox(LONG_PROMPT),
    '10-KB-prompt-msgpackr': () => msgpackr(LONG_PROMPT),
  },
  baselineOf: (name) => (name.endsWith('msgpackr') ? undefined : `${name}-msgpackr`),
});
