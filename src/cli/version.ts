// The version, as package.json says it.
import { readFileSync } from 'node:fs';

/** package.json stands three levels above the compiled file, in a clone as in an installed package. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
