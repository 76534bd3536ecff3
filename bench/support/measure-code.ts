// The process that measures figures of a case of code, each once, with tinybench; code-case.ts starts it and reads the
// one line that it prints. A sample is the mean over a batch, for one operation is shorter than a clock's tick.
//   node --expose-gc measure-code.js CASE_FILE SETTINGS_JSON FIGURE...
import { pathToFileURL } from 'node:url';
import { Bench } from 'tinybench';
import type { BenchSettings } from './bench-case.js';
import type { Batch, CodeCase, CodeSamples } from './code-case.js';
import { histogramOf } from './histogram.js';

const NS_PER_MS = 1e6;

/** Where results end, so that none of them can be left uncomputed. */
let sink: unknown;

const [file = '', settingsText = '{}', ...names] = process.argv.slice(2);
const settings = JSON.parse(settingsText) as BenchSettings;
const { bench: benchCase } = (await import(pathToFileURL(file).href)) as { bench: CodeCase };
const samples: CodeSamples[] = [];
for (const name of names) {
  const subject = benchCase.subjects[name];
  if (subject === undefined) throw new Error(`${file} has no figure ${name}`);
  const batch = await subject();
  // What setting up has left behind is not the subject's garbage.
  globalThis.gc?.();
  samples.push({ histogramNs: histogramOf(await measure(batch, settings)) });
}
process.stdout.write(`${JSON.stringify(samples)}\n`);
if (sink === process) throw new Error('the sink must be looked at');

async function measure(
  { operations, run }: Batch,
  { codeMs, codeWarmupMs }: BenchSettings,
): Promise<number[]> {
  const isAsync = run() instanceof Promise;
  const bench = new Bench({
    time: codeMs,
    warmupTime: codeWarmupMs,
    // Slow subjects have few batches; what they say is clear all the same.
    iterations: 5,
    warmupIterations: 2,
    retainSamples: true,
    throws: true,
  });
  // tinybench decides by the function itself whether it waits, so that plain code is measured without a promise.
  if (isAsync) {
    bench.add('subject', async () => {
      sink = await run();
    });
  } else {
    bench.add('subject', () => {
      sink = run();
    });
  }
  const [task] = await bench.run();
  const result = task?.result;
  if (result === undefined || !('latency' in result)) throw new Error('tinybench gave no result');
  return (result.latency.samples ?? []).map((ms) => (ms * NS_PER_MS) / operations);
}
