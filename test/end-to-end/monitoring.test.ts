// The alert rules and the dashboard against a real daemon's metrics: whatever they ask for is there, with the labels
// that they expect.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Client } from 'undici';
import { parse } from 'yaml';
import { type DaemonProcess, startDaemonProcess } from '../support/daemon-process.js';
import { repositoryPath } from '../support/paths.js';
import { type Exposition, parseExposition } from '../support/prometheus-text.js';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Metrics that say what runs and for how long: there to be looked up, not to be watched. */
const NOT_SHOWN = ['signalbox_workers_started_total'];

let directory: string;
let daemon: DaemonProcess;
let metrics: Exposition;
let rules: readonly Rule[];
let dashboard: unknown;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
  const admin = join(directory, 'admin.sock');
  daemon = await startDaemonProcess({ args: ['--admin', admin, '--snapshot', join(directory, 'snapshot')] });
  const client = new Client('http://localhost', { socketPath: admin });
  const { body } = await client.request({ method: 'GET', path: '/metrics' });
  metrics = parseExposition(await body.text());
  await client.close();
  const alerts = parse(await readFile(repositoryPath('systemd/alerts.yaml'), 'utf8')) as {
    readonly groups: readonly { readonly rules: readonly Rule[] }[];
  };
  rules = alerts.groups.flatMap((group) => group.rules);
  dashboard = JSON.parse(await readFile(repositoryPath('systemd/grafana-dashboard.json'), 'utf8'));
});

after(async () => {
  await daemon.stop('SIGTERM');
  await rm(directory, { recursive: true, force: true });
});

/** Every text under one of these keys, however deep. */
function textsUnder(value: unknown, keys: readonly string[]): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    keys.includes(key) && typeof member === 'string' ? [member] : textsUnder(member, keys),
  );
}

function dashboardQueries(): string[] {
  return textsUnder(dashboard, ['expr', 'definition']);
}

function namesIn(query: string): string[] {
  return query.match(/\bsignalbox_[a-z0-9_]+/g) ?? [];
}

/** `answer=~"a|b"` → answer: a, b; those that Prometheus or Grafana adds aside. */
function* labelValuesIn(query: string): Iterable<[name: string, label: string, value: string]> {
  for (const [, name = '', matchers = ''] of query.matchAll(/\b(signalbox_[a-z0-9_]+)\{([^}]*)\}/g)) {
    for (const [, label = '', values = ''] of matchers.matchAll(/([a-z_]+)(?:=~|=|!=|!~)"([^"]*)"/g)) {
      if (label === 'instance' || label === 'job') continue;
      for (const value of values.split('|')) yield [name, label, value];
    }
  }
}

describe('what watches the daemon', { timeout: 60_000 }, () => {
  it('asks for metrics that there are', () => {
    const names = new Set(metrics.samples.map(({ name }) => name));
    const asked = [...rules.map(({ expr }) => expr), ...dashboardQueries()];
    assert.ok(rules.length >= 10 && asked.length >= 40);
    for (const query of asked) {
      for (const name of namesIn(query)) {
        // A snapshot that was never written has no age, and the heatmap's suffix is on the samples.
        assert.ok(names.has(name) || name === 'signalbox_snapshot_age_seconds', `${name} in ${query}`);
      }
    }
  });

  it('asks for values of labels that there are', () => {
    for (const query of [...rules.map(({ expr }) => expr), ...dashboardQueries()]) {
      for (const [name, label, value] of labelValuesIn(query)) {
        const found = metrics.samples.some(
          (sample) => sample.name === name && sample.labels[label] === value,
        );
        assert.ok(found, `${name} has ${label}="${value}"`);
      }
      for (const [, labels = ''] of query.matchAll(/(?:by|without|ignoring) \(([a-z_, ]+)\)/g)) {
        for (const label of labels.split(',').map((each) => each.trim())) {
          if (label === 'instance' || label === 'job') continue;
          const has = metrics.samples.some(
            (sample) => namesIn(query).includes(sample.name) && label in sample.labels,
          );
          assert.ok(has, `${label} is a label in ${query}`);
        }
      }
    }
  });

  it('shows every metric', () => {
    const shown = new Set([...rules.map(({ expr }) => expr), ...dashboardQueries()].flatMap(namesIn));
    for (const [name, type] of metrics.types) {
      const query = type === 'histogram' ? `${name}_bucket` : name;
      assert.ok(shown.has(query) || NOT_SHOWN.includes(name), `${name} is on the dashboard or in an alert`);
    }
  });

  it('tells whoever it alerts what is wrong, how bad that is, and what to do', () => {
    for (const { alert, labels, annotations } of rules) {
      assert.match(alert, /^Signalbox[A-Z]\w+$/);
      assert.match(labels['severity'] ?? '', /^(page|ticket)$/);
      assert.match(annotations['summary'] ?? '', /\{\{ \$labels\.instance \}\}/);
      assert.ok((annotations['description'] ?? '').length > 20, alert);
    }
    assert.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length);
  });

  it('has events in the descriptions that the source has', async () => {
    const source = await sourceText();
    const texts = textsUnder(rules, ['description']).join(' ');
    for (const [event] of texts.matchAll(/\b(?:worker|store|snapshot|feed)\.[a-z]+\b/g)) {
      assert.ok(source.includes(`'${event}'`), event);
    }
  });
});

async function sourceText(): Promise<string> {
  const directory = repositoryPath('src');
  const files = (await readdir(directory, { recursive: true })).filter((file) => file.endsWith('.ts'));
  return (await Promise.all(files.map((file) => readFile(join(directory, file), 'utf8')))).join('\n');
}
