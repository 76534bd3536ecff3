// Where the repository's own files are, seen from the compiled benches (dist/bench/support/). The C sources and the
// page of the report aren't copied into dist/, so they are found from the root as well.
import { fileURLToPath } from 'node:url';

const root = new URL('../../../', import.meta.url);

/** The absolute path of a file of the repository, e.g. `repositoryPath('bench/load/echo.c')`. */
export function repositoryPath(relative: string): string {
  return fileURLToPath(new URL(relative, root));
}

/** A compiled file of the benches, e.g. `benchFile('support/measure-code.js')`. */
export function benchFile(relative: string): string {
  return repositoryPath(`dist/bench/${relative}`);
}

/** The compiled executable, `signalbox`. */
export const signalboxMain = repositoryPath('dist/src/main.js');
