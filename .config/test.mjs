// `npm test`: runs every test with Node's own runner, or those whose path contains one of the arguments. Node 20's
// runner takes no patterns, so the files are found here.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const compiled = fileURLToPath(new URL('../dist/test', import.meta.url));
const sources = fileURLToPath(new URL('../test', import.meta.url));
const wanted = process.argv.slice(2);

// Listed from the sources: what is left in dist/ of a test that was deleted must not run.
const files = readdirSync(sources, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort()
  .map((file) => join(compiled, file.replace(/\.ts$/, '.js')));

if (files.length === 0) {
  console.error(`signalbox: no test's path contains ${wanted.join(' or ')}`);
  process.exit(2);
}
// No test takes minutes: what hangs must end some day, and say which it was.
const flags = ['--test', '--test-reporter=spec', '--test-timeout=900000'];
const runner = spawn(process.execPath, [...flags, ...files], { stdio: 'inherit' });
runner.on('close', (code) => process.exit(code ?? 1));
