// What may be given as the address of an admin API.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatAddress, parseAdminAddress } from '../../../src/cli/admin/address.js';

describe('the address of an admin API', () => {
  test('is a path or HOST:PORT, and is said as it was given', () => {
    const unix = ['/run/admin.sock', './a:1', 'admin.sock', '/run/host:80'];
    for (const path of unix) assert.deepEqual(parseAdminAddress(path), { kind: 'unix', path });
    const tcp = [
      ['127.0.0.1:9000', '127.0.0.1', 9000],
      ['localhost:1', 'localhost', 1],
      ['[::1]:65535', '[::1]', 65_535],
    ] as const;
    for (const [text, host, port] of tcp)
      assert.deepEqual(parseAdminAddress(text), { kind: 'tcp', host, port });
    for (const text of [...unix, ...tcp.map(([each]) => each)]) {
      const address = parseAdminAddress(text);
      assert.ok(address);
      assert.equal(formatAddress(address), text);
    }
  });

  test('is nothing else', () => {
    for (const text of ['', 'host:', 'host:http', 'host:0', 'host:65536', '::1:9000', 'a:b:1'])
      assert.equal(parseAdminAddress(text), undefined, text);
  });
});
