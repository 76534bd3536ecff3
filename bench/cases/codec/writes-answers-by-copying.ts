// An answer's bytes depend on nothing of the request but its id, so they are made once and copied; against msgpackr,
// which makes them every time.
import { Packr } from 'msgpackr/pack';
import { codeCase } from '../../support/code-case.js';
import { prepareAnswer, writeAnswers } from '../../support/codec.js';

const DECISION = {
  route_id: '7e0570db-efff-5bde-bfb3-6841c53176f8',
  route: 'cheap-short',
  target_model: 'gpt-4o-mini',
  fallbacks: ['claude-haiku-4-5'],
  disable_cache: false,
  max_cost_usd: 0.05,
  effects: {},
  paused: false,
  reason: 'matched',
  revision: 1795457497096,
  stale: false,
} as const;

const ANSWERS = 64;

export const bench = codeCase({
  about: 'time to write one answer; the ratio is to msgpackr',
  isInReadme: true,
  subjects: {
    'typical-answer': () => {
      const prepared = prepareAnswer(DECISION);
      return { operations: ANSWERS, run: () => writeAnswers(prepared, ANSWERS) };
    },
    'typical-answer-msgpackr': () => {
      const packr = new Packr({ useRecords: false, variableMapSize: true });
      const target = Buffer.alloc(ANSWERS * 512);
      return {
        operations: ANSWERS,
        run: () => {
          let at = 0;
          for (let id = 0; id < ANSWERS; id += 1) {
            const payload = packr.pack([1, id, null, DECISION]);
            at = target.writeUInt32BE(payload.length, at);
            target.set(payload, at);
            at += payload.length;
          }
          return at;
        },
      };
    },
  },
  baselineOf: () => 'typical-answer-msgpackr',
});
