// The package that this is: where it is, and its version, as package.json says it.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Three levels above the compiled file, in a clone as in an installed package. */
const ROOT = new URL('../../../', import.meta.url);

/** Without a slash at its end. */
export function packageDirectory(): string {
  return fileURLToPath(ROOT).replace(/\/$/, '');
}

export function packageVersion(): string {
  const text = readFileSync(new URL('package.json', ROOT), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
