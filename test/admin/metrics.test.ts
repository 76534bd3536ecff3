// The metrics as Prometheus reads them: names, types, values, and a number of series that callers can't change.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Metrics } from '../../src/admin/metrics.js';
import { RequestCounts } from '../../src/admin/request-counts.js';
import { LATENCY_BOUNDS_MS } from '../../src/figures.js';
import { statusOf, requestsOf } from '../support/daemon-status.js';
import { type Exposition, parseExposition, seriesOf, valueOf } from '../support/prometheus-text.js';
import { org } from '../support/routes.js';
import { type AdminUnderTest, startAdmin } from './admin-under-test.js';

async function scrape(admin: AdminUnderTest): Promise<Exposition> {
  return parseExposition((await admin.call('GET', '/metrics')).text);
}

describe('metrics', () => {
  it('are in the text format, each with its help and its type', async () => {
    await using admin = await startAdmin();
    const { headers, text } = await admin.call('GET', '/metrics');
    assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
    const exposition = parseExposition(text);
    for (const [name, value] of Object.entries({
      ready: 1,
      uptime_seconds: 61.5,
      connections: 7,
      connections_accepted_total: 90,
      workers_running: 1,
      workers_wanted: 2,
      workers_started_total: 3,
      worker_loop_lag_seconds: 0.0025,
      store_up: 1,
      known_orgs: 3,
      unknown_orgs: 4,
      loads_total: 50,
      failed_loads_total: 6,
      feed_up: 0,
      feed_changes_total: 9,
      feed_age_seconds: 0.25,
    })) {
      assert.equal(valueOf(exposition, `signalbox_${name}`), value, name);
    }
    assert.equal(valueOf(exposition, 'signalbox_connections_refused_total', { reason: 'connections' }), 8);
    assert.equal(valueOf(exposition, 'signalbox_workers_ended_total', { how: 'stuck' }), 1);
    assert.equal(valueOf(exposition, 'signalbox_build_info', { version: '1.2.3-test' }), 1);
  });

  it('tell of latencies in cumulated buckets from 5 µs on, in seconds', async () => {
    const counts = LATENCY_BOUNDS_MS.map(() => 0);
    const latency = { bounds_ms: LATENCY_BOUNDS_MS, counts: [2, 3, ...counts.slice(2), 1], sum_ms: 700 };
    await using admin = await startAdmin({
      backend: { status: () => statusOf({ requests: requestsOf({ latency }) }) },
    });
    const exposition = await scrape(admin);
    const bucket = (le: string): number | undefined =>
      valueOf(exposition, 'signalbox_request_duration_seconds_bucket', { le });
    const bounds = exposition.samples
      .filter(({ name }) => name === 'signalbox_request_duration_seconds_bucket')
      .map(({ labels, value }) => [labels['le'], value]);
    assert.deepEqual(bounds[0]?.map(Number), [0.000005, 2]);
    assert.deepEqual(bounds[1]?.map(Number), [0.00001, 5]);
    assert.equal(bucket('0.5'), 5);
    assert.equal(bucket('+Inf'), 6);
    assert.equal(valueOf(exposition, 'signalbox_request_duration_seconds_count'), 6);
    assert.equal(valueOf(exposition, 'signalbox_request_duration_seconds_sum'), 0.7);
  });

  it('tell nothing of what there is not: a snapshot, file descriptors where the system does not say', async () => {
    let status = statusOf({ process: { ...statusOf().process, open_fds: null } });
    await using admin = await startAdmin({ backend: { status: () => status } });
    const without = await scrape(admin);
    assert.equal(valueOf(without, 'signalbox_snapshot_up'), undefined);
    assert.equal(valueOf(without, 'signalbox_open_fds'), undefined);
    status = statusOf({ snapshot: { up: false, age_ms: 1500 } });
    const with_ = await scrape(admin);
    assert.equal(valueOf(with_, 'signalbox_snapshot_up'), 0);
    assert.equal(valueOf(with_, 'signalbox_snapshot_age_seconds'), 1.5);
  });

  it('count answers by method and class of status, in series that are there from the start', async () => {
    await using admin = await startAdmin();
    const before = await scrape(admin);
    for (let number = 1; number <= 20; number += 1) {
      await admin.call('GET', `/v1/orgs/${org(number)}/routes`);
      await admin.call('PROPFIND', `/v1/orgs/${org(number)}/routes`);
      await admin.call('DELETE', `/nowhere/${number}`);
    }
    const after = await scrape(admin);
    assert.deepEqual(seriesOf(after), seriesOf(before));
    const count = (method: string, status: string): number | undefined =>
      valueOf(after, 'signalbox_admin_requests_total', { method, status });
    assert.equal(count('GET', '2xx'), 21);
    assert.equal(count('other', '4xx'), 20);
    assert.equal(count('DELETE', '4xx'), 20);
  });

  it('are the same for all who ask at once: many scrapers cost as much as one', async () => {
    let looks = 0;
    const status = (): ReturnType<typeof statusOf> => {
      looks += 1;
      return statusOf();
    };
    const metrics = new Metrics(status, new RequestCounts());
    looks = 0;
    const [first, ...others] = await Promise.all([metrics.text(), metrics.text(), metrics.text()]);
    assert.equal(looks, 1);
    assert.deepEqual(others, [first, first]);
    await metrics.text();
    assert.equal(looks, 2);
  });

  it('escape what a label may not have', async () => {
    await using admin = await startAdmin({ backend: { status: () => statusOf({ version: 'a"b\\c\nd' }) } });
    const { text } = await admin.call('GET', '/metrics');
    assert.match(text, /signalbox_build_info\{version="a\\"b\\\\c\\nd",/);
  });
});
