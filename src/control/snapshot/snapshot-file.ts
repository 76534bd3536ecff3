// The last good routes on disk: what a daemon serves that starts while its store is down. One line of JSON for each
// org between a first line that says what it is and a last one with the count and a checksum over all before, so that
// a file that is cut off, or of which one bit has turned, is told from a good one, and never half-read. The generation
// before is kept beside it, for a crash between two renames or a disk that lies.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { SignalboxError, messageOf, systemCode } from '../../errors.js';
import type { OrgRoutes } from '../../store/route-store.js';
import { textLines } from '../../text-lines.js';

export interface SnapshotOrg {
  readonly routes: OrgRoutes;
  /** When they were read from the store: milliseconds since 1970, for the monotonic clock ends with the process. */
  readonly readAtMs: number;
  /** Of the store that they were read from; absent: an older version wrote this, or the store has none. */
  readonly lineage?: string;
}

/** The same as it is written. */
export interface SnapshotLine extends Pick<SnapshotOrg, 'readAtMs'> {
  /** What JSON makes of the routes. */
  readonly routesJson: string;
}

const HEADER = '{"signalbox_snapshot":1}';

/** Orgs that are turned into text at a time; in between, the main thread does what else there is to do. */
const ORGS_AT_A_TIME = 200;

export function previousGeneration(path: string): string {
  return `${path}.previous`;
}

/**
 * Writes a new generation; whatever goes wrong, the one that is there stays.
 *
 * @param lineage of the store that all of it was read from, if it has one.
 */
export async function writeSnapshot(
  path: string,
  orgs: Iterable<SnapshotLine>,
  lineage?: string,
): Promise<number> {
  const temporary = join(dirname(path), `.${basename(path)}.tmp`);
  let count = 0;
  try {
    const file = await open(temporary, 'w', 0o600);
    try {
      count = await writeLines(file, orgs, lineage);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(path, previousGeneration(path)).catch((error: unknown) => {
      if (systemCode(error) !== 'ENOENT') throw error;
    });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  const directory = await open(dirname(path), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
  return count;
}

async function writeLines(
  file: FileHandle,
  orgs: Iterable<SnapshotLine>,
  lineage: string | undefined,
): Promise<number> {
  const origin = lineage === undefined ? '' : `,"lineage":${JSON.stringify(lineage)}`;
  const hash = createHash('sha256');
  let count = 0;
  let text = `${HEADER}\n`;
  const put = async (): Promise<void> => {
    hash.update(text);
    await file.write(text);
    text = '';
  };
  for (const { routesJson, readAtMs } of orgs) {
    text += `{"routes":${routesJson},"readAtMs":${readAtMs}${origin}}\n`;
    count += 1;
    if (count % ORGS_AT_A_TIME === 0) await put();
  }
  await put();
  await file.write(`${JSON.stringify({ orgs: count, sha256: hash.digest('hex') })}\n`);
  return count;
}

/**
 * Reads a generation whole. @throws SignalboxError `refused` for a file that is damaged or of another format; the error
 * of the system if it can't be read.
 */
export async function readSnapshot(path: string): Promise<SnapshotOrg[]> {
  const hash = createHash('sha256');
  const orgs: SnapshotOrg[] = [];
  // A line is hashed once it is known not to be the last.
  let line: string | undefined;
  let lines = 0;
  const take = (text: string): void => {
    hash.update(`${text}\n`);
    if (lines === 0 && text !== HEADER) throw damaged(path, 'it does not begin as a snapshot does');
    if (lines > 0) orgs.push(parse(path, text) as SnapshotOrg);
    lines += 1;
  };
  for await (const next of textLines(createReadStream(path))) {
    if (line !== undefined) take(line);
    line = next;
  }
  if (line === undefined || lines === 0) throw damaged(path, 'it is cut off');
  const { orgs: count, sha256 } = parse(path, line) as { orgs?: unknown; sha256?: unknown };
  if (count !== orgs.length || sha256 !== hash.digest('hex')) throw damaged(path, 'its checksum is wrong');
  return orgs;
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw damaged(path, messageOf(error));
  }
}

function damaged(path: string, why: string): SignalboxError {
  return new SignalboxError('refused', `the snapshot ${path} is damaged: ${why}`);
}
