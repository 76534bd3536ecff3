// Replacing a file: its content, its mode, and what is left when it can't be done.
import assert from 'node:assert/strict';
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { writeFileAtomically } from '../../src/store/atomic-file.js';

describe('a file that is replaced atomically', () => {
  let directory: string;
  let path: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'signalbox-test-'));
    path = join(directory, 'file.txt');
    await writeFile(path, 'old');
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('has the new content, to the last byte, and stands alone in its directory', async () => {
    for (const text of ['new', '', 'Straße 北京 \u{1F469}\u200D\u2695', 'x'.repeat(5_000_000)]) {
      await writeFileAtomically(path, text);
      assert.ok((await readFile(path, 'utf8')) === text);
    }
    assert.deepEqual(await readdir(directory), ['file.txt']);
  });

  it('is another file than before: whoever reads the old one reads it to its end', async () => {
    const { ino } = await stat(path);
    await writeFileAtomically(path, 'new');
    assert.notEqual((await stat(path)).ino, ino);
  });

  it('is never seen half written', async () => {
    const [first, second] = ['a'.repeat(1_000_000), 'b'.repeat(1_000_000)];
    await writeFileAtomically(path, first);
    const state = { reads: 0, written: false };
    const reading = (async () => {
      while (!state.written) {
        const text = await readFile(path, 'utf8');
        assert.ok(text === first || text === second, `${text.length} bytes`);
        state.reads++;
      }
    })();
    for (let round = 0; round < 10; round++)
      await writeFileAtomically(path, round % 2 === 0 ? second : first);
    state.written = true;
    await reading;
    assert.ok(state.reads > 1);
  });

  it('has the mode that it had, whatever the umask says', async () => {
    for (const mode of [0o600, 0o444, 0o666, 0o777]) {
      await chmod(path, mode);
      await writeFileAtomically(path, 'new');
      assert.equal((await stat(path)).mode & 0o7777, mode);
    }
  });

  it('is the one that a symbolic link leads to; the link stays', async () => {
    const elsewhere = join(directory, 'elsewhere');
    await mkdir(elsewhere);
    await symlink('../file.txt', join(elsewhere, 'inner'));
    const link = join(directory, 'link');
    await symlink('elsewhere/inner', link);
    await writeFileAtomically(link, 'new');
    assert.equal(await readFile(path, 'utf8'), 'new');
    assert.ok((await lstat(path)).isFile());
    assert.equal(await readlink(link), 'elsewhere/inner');
    assert.equal(await readlink(join(elsewhere, 'inner')), '../file.txt');
    assert.deepEqual((await readdir(directory)).sort(), ['elsewhere', 'file.txt', 'link']);
    assert.deepEqual(await readdir(elsewhere), ['inner']);
  });

  it('is as it was, with nothing beside it, when the new one cannot be made', async () => {
    // The temporary file's name would be too long.
    const long = join(directory, 'n'.repeat(250));
    await writeFile(long, 'old');
    await assert.rejects(writeFileAtomically(long, 'new'), { code: 'ENAMETOOLONG' });
    assert.equal(await readFile(long, 'utf8'), 'old');
    assert.deepEqual(await readdir(directory), ['file.txt', 'n'.repeat(250)]);
  });

  it('leaves nothing beside what it cannot take the place of', async () => {
    // Written whole, and then a directory is in the way.
    const inner = join(directory, 'inner');
    await mkdir(inner);
    await assert.rejects(writeFileAtomically(inner, 'new'), { code: 'EISDIR' });
    assert.deepEqual((await readdir(directory)).sort(), ['file.txt', 'inner']);
    assert.deepEqual(await readdir(inner), []);
  });

  it('is not made where none was', async () => {
    await rm(path);
    await assert.rejects(writeFileAtomically(path, 'new'), { code: 'ENOENT' });
    assert.deepEqual(await readdir(directory), []);
  });
});
