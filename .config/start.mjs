// `npm start`: the daemon with the example route file; arguments are those of `signalbox serve`. It takes this
// process's place as far as Node allows: signals go through, and so does the exit code.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const path = (relative) => fileURLToPath(new URL(`../${relative}`, import.meta.url));
const given = process.argv.slice(2);
const hasStore =
  process.env.SIGNALBOX_STORE !== undefined || given.some((flag) => /^--store(=|$)/.test(flag));
const store = hasStore ? [] : ['--store', `file:${path('systemd/routes.example.yaml')}`];

if (!hasStore) {
  console.error('signalbox: with the example routes; in a second terminal, for a first decision:');
  console.error(
    '  npx signalbox resolve --org 0190a000-0000-7000-8000-000000000001 --model gpt-4o --input-tokens 120 --has-images false',
  );
}

const daemon = spawn(process.execPath, [path('dist/src/main.js'), 'serve', ...store, ...given], {
  stdio: 'inherit',
});
// The terminal sends SIGINT to both; the daemon decides when it is done.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => daemon.kill('SIGTERM'));
daemon.on('close', (code) => process.exit(code ?? 1));
