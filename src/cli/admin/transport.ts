// HTTP to the admin API, over its Unix socket or TCP: a call is made once and never again, for a change that was made
// though its answer got lost must not be made twice.
import { Client } from 'undici';
import { SignalboxError, messageOf, systemCode } from '../../errors.js';
import { textLines } from '../../text-lines.js';
import { type AdminAddress, formatAddress } from './address.js';
import { errorOfAnswer } from './problem-error.js';

const CONNECT_TIMEOUT_MS = 5000;

/** Setting ten thousand routes in one transaction takes seconds. */
const ANSWER_TIMEOUT_MS = 120_000;

const OK = 200;
const LINES_TYPE = 'application/x-ndjson';

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  /** The revision that the change is meant for. */
  readonly revision?: number | undefined;
}

export interface TransportOptions {
  readonly address: AdminAddress;
  readonly token?: string | undefined;
  readonly actor?: string | undefined;
  readonly reason?: string | undefined;
}

export class AdminTransport implements AsyncDisposable {
  readonly #client: Client;
  readonly #shown: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor({ address, token, actor, reason }: TransportOptions) {
    const timeouts = {
      connectTimeout: CONNECT_TIMEOUT_MS,
      headersTimeout: ANSWER_TIMEOUT_MS,
      bodyTimeout: ANSWER_TIMEOUT_MS,
    };
    this.#client =
      address.kind === 'unix'
        ? new Client('http://localhost', { ...timeouts, socketPath: address.path })
        : new Client(`http://${formatAddress(address)}`, timeouts);
    this.#shown = formatAddress(address);
    this.#headers = {
      accept: 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(actor === undefined ? {} : { 'x-actor': headerText(actor) }),
      ...(reason === undefined ? {} : { 'x-reason': headerText(reason) }),
    };
  }

  /**
   * The answer's JSON; undefined where it has none.
   *
   * @throws SignalboxError for whatever isn't a success.
   */
  async call({ method, path, query, body, revision }: Call): Promise<unknown> {
    const headers = {
      ...this.#headers,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(revision === undefined ? {} : { 'if-match': `"${revision}"` }),
    };
    let status: number;
    let text: string;
    try {
      const answer = await this.#client.request({
        method,
        path,
        headers,
        ...(query === undefined ? {} : { query: given(query) }),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      status = answer.statusCode;
      text = await answer.body.text();
    } catch (error) {
      throw this.#failure(error, method !== 'GET');
    }
    if (status === 204) return undefined;
    const json = this.#parse(text, status);
    if (status >= 200 && status < 300) return json;
    throw errorOfAnswer(status, typeof json === 'object' && json !== null ? json : {});
  }

  /**
   * The lines of an answer that goes on until the daemon ends it, or the signal aborts: then it ends too.
   *
   * @throws SignalboxError for whatever isn't a success.
   */
  async *lines({ path, query }: Pick<Call, 'path' | 'query'>, ended: AbortSignal): AsyncGenerator<string> {
    try {
      const answer = await this.#client.request({
        method: 'GET',
        path,
        headers: { ...this.#headers, accept: LINES_TYPE },
        ...(query === undefined ? {} : { query: given(query) }),
        signal: ended,
      });
      const { statusCode: status } = answer;
      if (status !== OK) {
        const json = this.#parse(await answer.body.text(), status);
        throw errorOfAnswer(status, typeof json === 'object' && json !== null ? json : {});
      }
      yield* textLines(answer.body);
    } catch (error) {
      if (ended.aborted) return;
      throw error instanceof SignalboxError ? error : this.#failure(error, false);
    }
  }

  /** Nothing is in flight when a command ends; a connection that hangs must not hold it up. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.destroy();
  }

  #parse(text: string, status: number): unknown {
    try {
      return JSON.parse(text) as unknown;
    } catch (error) {
      const what = `status ${status} and no JSON came from ${this.#shown}`;
      throw new SignalboxError('refused', `${what}; is that a daemon's --admin?`, { cause: error });
    }
  }

  #failure(cause: unknown, mayHaveChanged: boolean): SignalboxError {
    const at = this.#shown;
    const unknown = mayHaveChanged
      ? '; whether the change was made is unknown: look before trying again'
      : '';
    switch (systemCode(cause)) {
      case 'ENOENT':
      case 'ENOTSOCK':
      case 'ECONNREFUSED':
      case 'ENOTFOUND':
      case 'EAI_AGAIN':
      case 'UND_ERR_CONNECT_TIMEOUT': {
        const what = `no daemon answers at ${at}; is it running with --admin ${at}?`;
        return new SignalboxError('unreachable', what, { cause });
      }
      case 'EACCES':
      case 'EPERM':
        return new SignalboxError(
          'refused',
          `you may not connect to ${at}; only the user that the daemon runs as may`,
          {
            cause,
          },
        );
      case 'UND_ERR_HEADERS_TIMEOUT':
      case 'UND_ERR_BODY_TIMEOUT':
        return new SignalboxError(
          'timeout',
          `no answer came from ${at} in ${ANSWER_TIMEOUT_MS / 1000} s${unknown}`,
          { cause },
        );
      default: {
        // A change whose answer got lost isn't one that never arrived.
        const code = mayHaveChanged ? 'timeout' : 'unreachable';
        const what = `the connection to ${at} broke: ${messageOf(cause)}${unknown}`;
        return new SignalboxError(code, what, { cause });
      }
    }
  }
}

function given(query: NonNullable<Call['query']>): Record<string, string> {
  const entries = Object.entries(query).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([key, value]) => [key, String(value)]));
}

/** UTF-8 bytes, in the one-byte characters that a header is made of; without control characters, that it can't have. */
function headerText(text: string): string {
  return Buffer.from(text.replace(/\p{Cc}+/gu, ' ').trim(), 'utf8').toString('latin1');
}
