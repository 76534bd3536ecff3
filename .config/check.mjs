// Everything that can be said of the code without running it, side by side: types, lint, format and layers. Each says
// nothing if all is well, and otherwise all that it has to say, in one piece.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

// The one that takes longest comes first.
const CHECKS = ['lint', 'types', 'format', 'layers'];

const failed = (await Promise.all(CHECKS.map(check))).filter((name) => name !== undefined);
if (failed.length > 0) {
  console.error(`signalbox: ${failed.join(', ')}: not as it should be; the lines above say what`);
  process.exit(1);
}

/** Resolves to its name if it failed. */
function check(name) {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', ['run', '--silent', `check:${name}`], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (said += text));
    }
    child.on('error', reject).on('close', (status) => {
      if (status !== 0) console.error(said.trimEnd());
      resolve(status === 0 ? undefined : name);
    });
  });
}
