// The daemon's log: its formats, and that a reader who doesn't read costs lines that are counted, and nothing else.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type LogFormat, logFormatFor } from '../../src/control/log-format.js';
import { ProcessLog } from '../../src/control/process-log.js';
import { waitFor } from '../support/wait-for.js';

const PIPE_BYTES = 64 * 1024;

let directory: string;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
});

after(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function written(format: LogFormat, write: (log: ProcessLog) => void): Promise<string> {
  const path = join(directory, format);
  await using file = await open(path, 'w');
  const log = new ProcessLog({ level: 'info', format, fd: file.fd });
  write(log);
  await log.flush();
  return await readFile(path, 'utf8');
}

describe('a line of the log', () => {
  test('is JSON with its level, time, event and fields', async () => {
    const text = await written('json', ({ log }) => {
      log('warn', 'store.failing', 'no answer', { orgId: 'an org' });
    });
    const { time, ...line } = JSON.parse(text) as Record<string, unknown>;
    assert.deepEqual(line, { level: 'warn', event: 'store.failing', orgId: 'an org', msg: 'no answer' });
    assert.ok(Math.abs(Date.parse(String(time)) - Date.now()) < 60_000);
  });

  test('has its priority in front for the journal', async () => {
    const text = await written('journal', ({ log }) => {
      for (const level of ['debug', 'info', 'warn', 'error', 'fatal'] as const)
        log(level, 'an.event', 'text');
    });
    const lines = text.trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => /^<(\d)>\{"level":"(\w+)"/.exec(line)?.slice(1)),
      [
        ['6', 'info'],
        ['4', 'warn'],
        ['3', 'error'],
        ['2', 'fatal'],
      ],
    );
  });

  test('is plain for people', async () => {
    const text = await written('text', ({ log }) => {
      log('info', 'ready', 'it listens', { workers: 2 });
    });
    assert.match(text, /^\d\d:\d\d:\d\d info {2}ready: it listens\n$/);
  });
});

describe('the format of the log', () => {
  test('is the journal’s only if the journal reads this very stream', async () => {
    await using file = await open(join(directory, 'stream'), 'w');
    const { dev, ino } = fstatSync(file.fd);
    assert.equal(logFormatFor('auto', file.fd, false, `${dev}:${ino}`), 'journal');
    assert.equal(logFormatFor('auto', file.fd, false, `${dev}:${ino + 1}`), 'json');
    assert.equal(logFormatFor('auto', file.fd, false, undefined), 'json');
    assert.equal(logFormatFor('auto', file.fd, true, undefined), 'text');
    assert.equal(logFormatFor('json', file.fd, true, `${dev}:${ino}`), 'json');
  });
});

describe('a log that nobody reads', () => {
  test('drops lines, stays alive, and once it is read tells of every one that is lost', async () => {
    const path = join(directory, 'pipe');
    execFileSync('mkfifo', [path]);
    const reading = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writing = openSync(path, constants.O_WRONLY);
    const output = new ProcessLog({ level: 'info', format: 'json', fd: writing });
    const lines = 30_000;
    for (let index = 0; index < lines; index += 1) {
      output.log('info', 'a.line', 'x'.repeat(100), { index });
      // These aren't written whoever reads, and so are never lost.
      output.log('debug', 'a.detail', 'nobody wants it');
    }
    const { dropped } = output;
    assert.ok(dropped > 0, 'the pipe holds all of it');
    let text = '';
    await waitFor(() => {
      text += readAll(reading);
      return text.includes('"log.dropped"') && text.endsWith('\n');
    }, 'the rest to be written');
    const read = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string; droppedLines?: number });
    const told = read.reduce((sum, line) => sum + (line.droppedLines ?? 0), 0);
    assert.equal(read.filter(({ event }) => event === 'a.line').length + dropped, lines);
    assert.equal(told, dropped);
    assert.equal(output.dropped, dropped);
    closeSync(reading);
    closeSync(writing);
  });
});

/** What is in the pipe now. */
function readAll(fd: number): string {
  const bytes = Buffer.alloc(PIPE_BYTES);
  try {
    return bytes.toString('utf8', 0, readSync(fd, bytes));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return '';
    throw error;
  }
}
