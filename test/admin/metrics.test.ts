// The metrics as Prometheus reads them: names, types, values, and a number of series that callers can't change.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { metricsText } from '../../src/admin/metrics.js';
import { RequestCounts } from '../../src/admin/request-counts.js';
import { org } from '../support/routes.js';
import { STATUS, startAdmin } from './admin-under-test.js';

const SAMPLE = /^signalbox_[a-z_]+(\{[a-z]+="[^"\n]*"(,[a-z]+="[^"\n]*")*\})? -?[0-9.]+$/;

function samples(text: string): string[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

describe('metrics', () => {
  it('are in the text format, each with its help and its type', async () => {
    await using admin = await startAdmin();
    const { headers, text } = await admin.call('GET', '/metrics');
    assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
    assert.ok(text.endsWith('\n'));
    const typed = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]));
    const helped = [...text.matchAll(/^# HELP (\S+) \S.*$/gm)].map(([, name]) => name);
    assert.deepEqual([...typed.keys()], helped);
    for (const line of samples(text)) {
      assert.match(line, SAMPLE);
      const name = /^[a-z_]+/.exec(line)?.[0] ?? '';
      assert.equal(typed.get(name), name.endsWith('_total') ? 'counter' : 'gauge', line);
    }
    for (const line of [
      'signalbox_build_info{version="1.2.3-test"} 1',
      'signalbox_uptime_seconds 61.5',
      'signalbox_connections 7',
      'signalbox_workers_running 1',
      'signalbox_workers_wanted 2',
      'signalbox_store_up 1',
      'signalbox_known_orgs 3',
      'signalbox_unknown_orgs 4',
      'signalbox_loads_total 50',
      'signalbox_failed_loads_total 6',
      'signalbox_feed_up 0',
      'signalbox_feed_changes_total 9',
    ]) {
      assert.ok(samples(text).includes(line), line);
    }
  });

  it('count answers by method and class of status, in series that are there from the start', async () => {
    await using admin = await startAdmin();
    const before = samples((await admin.call('GET', '/metrics')).text);
    for (let number = 1; number <= 20; number += 1) {
      await admin.call('GET', `/v1/orgs/${org(number)}/routes`);
      await admin.call('PROPFIND', `/v1/orgs/${org(number)}/routes`);
      await admin.call('DELETE', `/nowhere/${number}`);
    }
    const after = samples((await admin.call('GET', '/metrics')).text);
    assert.equal(after.length, before.length);
    const count = (method: string, status: string): string | undefined =>
      after.find((line) =>
        line.startsWith(`signalbox_admin_requests_total{method="${method}",status="${status}"}`),
      );
    assert.match(count('GET', '2xx') ?? '', / 21$/);
    assert.match(count('other', '4xx') ?? '', / 20$/);
    assert.match(count('DELETE', '4xx') ?? '', / 20$/);
    assert.ok(!after.some((line) => line.includes(org(1))));
  });

  it('escape what a label may not have', () => {
    const text = metricsText({ ...STATUS, version: 'a"b\\c\nd' }, new RequestCounts());
    assert.ok(text.includes('signalbox_build_info{version="a\\"b\\\\c\\nd"} 1\n'), text);
  });
});
