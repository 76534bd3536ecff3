// Where the repository's own files are, seen from the compiled tests (dist/test/…).
import { fileURLToPath } from 'node:url';

const root = new URL('../../../', import.meta.url);

/** The absolute path of a file of the repository, e.g. `repositoryPath('test/fixtures/routes.yaml')`. */
export function repositoryPath(relative: string): string {
  return fileURLToPath(new URL(relative, root));
}

/** The compiled executable, `signalbox`. */
export const signalboxMain = repositoryPath('dist/src/main.js');
