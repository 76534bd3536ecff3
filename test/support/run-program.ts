// Programs of the machine that a test needs.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What the program writes to standard output. */
export async function run(program: string, parameters: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)(program, parameters)).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${program} failed: ${stdout}${stderr}`, { cause: error });
  }
}

/** The first that is there. */
export function findProgram(names: readonly string[], places: readonly string[]): string | undefined {
  return names.flatMap((name) => places.map((place) => join(place, name))).find((path) => existsSync(path));
}
