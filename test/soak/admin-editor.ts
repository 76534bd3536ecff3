// Whoever edits routes through the daemon's admin API: orgs with one route, which is replaced by its next version.
import { Client } from 'undici';
import type { Edited } from './messages.js';
import { ADMIN_ORGS, ADMIN_ROUTE, adminAction } from './orgs.js';

interface WrittenRoute {
  readonly id: string;
  readonly revision: number;
}

/** A database that is paused lets nobody wait for longer. */
const ANSWER_MS = 60_000;

export class AdminEditor {
  readonly #client: Client;
  readonly #routeIds = new Map<string, string>();
  #version = 0;

  constructor(socketPath: string) {
    this.#client = new Client('http://localhost', { socketPath, headersTimeout: ANSWER_MS });
  }

  async create(): Promise<void> {
    for (const orgId of ADMIN_ORGS) {
      const { id } = await this.#write('POST', `/v1/orgs/${orgId}/routes`, 0);
      this.#routeIds.set(orgId, id);
    }
  }

  /** @throws Error if the daemon doesn't say that it is done; it may be all the same. */
  async edit(orgId: string): Promise<Edited> {
    // Never used again, so that what failed and was committed is told from what comes next.
    const version = (this.#version += 1);
    const path = `/v1/orgs/${orgId}/routes/${this.#routeIds.get(orgId) ?? ''}`;
    const { revision } = await this.#write('PUT', path, version);
    return { orgId, version, revision };
  }

  close(): Promise<void> {
    return this.#client.destroy();
  }

  async #write(method: 'POST' | 'PUT', path: string, version: number): Promise<WrittenRoute> {
    const draft = { name: ADMIN_ROUTE, when: {}, then: adminAction(version) };
    const { statusCode, body } = await this.#client.request({
      ...{ method, path, headers: { 'content-type': 'application/json' } },
      body: JSON.stringify(draft),
    });
    const text = await body.text();
    if (statusCode >= 300) throw new Error(`${method} ${path}: ${statusCode} ${text}`);
    return JSON.parse(text) as WrittenRoute;
  }
}
