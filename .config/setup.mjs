// Makes a fresh clone ready to run, and says what it does: the Node version, the packages, the build. Whatever is
// there and up to date is left alone. Needs nothing but Node and npm. With `--only-install` nothing is built.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  fail(`signalbox needs Node 20.19 or newer, and this is ${process.versions.node}`);
}

if (modified('node_modules/.package-lock.json') < modified('package-lock.json')) {
  // No package needs a script of its own to be installed, so none gets to run one.
  run('installing the packages', 'npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
}

const newestSource = Math.max(
  ...['src', 'test', 'bench'].map((directory) => newest(join(root, directory))),
  modified('tsconfig.json'),
  modified('node_modules/.package-lock.json'),
);
if (!process.argv.includes('--only-install') && modified('dist/.tsbuildinfo') < newestSource) {
  run('building', process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json']);
}

function run(what, command, args) {
  console.error(`signalbox: ${what} …`);
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (error !== undefined) fail(`${command}: ${error.message}`);
  if (status !== 0) fail(`${what} failed; the lines above say why`);
}

function fail(message) {
  console.error(`signalbox: ${message}`);
  process.exit(1);
}

/** When a file of the repository was modified; before everything else if it isn't there. */
function modified(path) {
  const absolute = join(root, path);
  return existsSync(absolute) ? statSync(absolute).mtimeMs : -Infinity;
}

function newest(directory) {
  return Math.max(
    statSync(directory).mtimeMs,
    ...readdirSync(directory, { withFileTypes: true }).map((entry) =>
      entry.isDirectory()
        ? newest(join(directory, entry.name))
        : statSync(join(directory, entry.name)).mtimeMs,
    ),
  );
}
