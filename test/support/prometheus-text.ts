// Prometheus's text format, read strictly: every sample belongs to a metric that has its help and its type.
import assert from 'node:assert/strict';

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Exposition {
  /** By name, without the suffixes of a histogram. */
  readonly types: ReadonlyMap<string, string>;
  readonly samples: readonly Sample[];
}

const SAMPLE = /^([a-z_:][a-z0-9_:]*)(?:\{(.*)\})? (-?[0-9.e+-]+|\+Inf|NaN)$/i;
const LABEL = /([a-z_][a-z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/gi;

export function parseExposition(text: string): Exposition {
  assert.ok(text.endsWith('\n'));
  const types = new Map<string, string>();
  const helped = new Set<string>();
  const samples: Sample[] = [];
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (kind === 'HELP') {
      assert.ok(!helped.has(name), `${name} has one help`);
      helped.add(name);
    } else if (kind === 'TYPE') {
      assert.match(rest, /^(gauge|counter|histogram)$/);
      assert.ok(!types.has(name), `${name} has one type`);
      types.set(name, rest);
    } else {
      samples.push(parseSample(line, types));
    }
  }
  assert.deepEqual([...types.keys()], [...helped]);
  return { types, samples };
}

function parseSample(line: string, types: ReadonlyMap<string, string>): Sample {
  const [, name = '', labelText = '', value = ''] = SAMPLE.exec(line) ?? [];
  assert.notEqual(name, '', `a sample: ${line}`);
  const type = types.get(name) ?? types.get(name.replace(/_(bucket|sum|count)$/, ''));
  assert.ok(type !== undefined, `${name} has a type`);
  assert.equal(type === 'counter', name.endsWith('_total'), line);
  const pairs = [...labelText.matchAll(LABEL)];
  assert.equal(pairs.map(([all]) => all).join(''), labelText, line);
  return {
    name,
    labels: Object.fromEntries(pairs.map(([, key = '', text = '']) => [key, text])),
    value: Number(value),
  };
}

/** The value of the one sample of that name with those labels, if there is one. */
export function valueOf(
  { samples }: Exposition,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const found = samples.filter(
    (sample) =>
      sample.name === name && Object.entries(labels).every(([key, text]) => sample.labels[key] === text),
  );
  assert.ok(found.length <= 1, `${name} is unambiguous`);
  return found[0]?.value;
}

/** What tells series apart. */
export function seriesOf({ samples }: Exposition): string[] {
  return samples.map(({ name, labels }) => `${name}${JSON.stringify(labels)}`).sort();
}
