// Where an admin API is: a Unix socket's path, or HOST:PORT. Pure.

export type AdminAddress =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

const PORT_MAX = 65_535;

/** Anything with a slash is a path; `host:9000`, `127.0.0.1:9000` and `[::1]:9000` are not. Undefined: neither. */
export function parseAdminAddress(text: string): AdminAddress | undefined {
  if (text === '') return undefined;
  const [, host, digits] = /^(\[[0-9a-fA-F:.]+\]|[^:/[\]]+):(\d{1,5})$/.exec(text) ?? [];
  if (host !== undefined && !text.includes('/')) {
    const port = Number(digits);
    return port >= 1 && port <= PORT_MAX ? { kind: 'tcp', host, port } : undefined;
  }
  // A path without a slash is far more often a mistyped HOST:PORT.
  return text.includes('/') || !text.includes(':') ? { kind: 'unix', path: text } : undefined;
}

/** As a person would give it to --admin. */
export function formatAddress(address: AdminAddress): string {
  return address.kind === 'unix' ? address.path : `${address.host}:${address.port}`;
}
