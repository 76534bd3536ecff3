// Lines out of pieces of text: wherever the pieces end, and whatever else stands in them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { textLines } from '../src/text-lines.js';

async function linesOf(pieces: readonly Uint8Array[]): Promise<string[]> {
  const source = async function* (): AsyncGenerator<Uint8Array, void> {
    yield* pieces;
  };
  const lines: string[] = [];
  for await (const line of textLines(source())) lines.push(line);
  return lines;
}

describe('the lines of a text', () => {
  it('are the same wherever it is cut into pieces', async () => {
    const text = Buffer.from('a\n\nb🚦c\nd\ufeff');
    for (let first = 0; first <= text.length; first += 1) {
      for (let second = first; second <= text.length; second += 1) {
        const pieces = [text.subarray(0, first), text.subarray(first, second), text.subarray(second)];
        assert.deepEqual(await linesOf(pieces), ['a', '', 'b🚦c', 'd\ufeff']);
      }
    }
  });

  it('end at a line feed, and at nothing else', async () => {
    const line = 'a\rb\u0085c\u2028d\u2029e\vf\fg';
    assert.deepEqual(await linesOf([Buffer.from(`${line}\n${line}\n`)]), [line, line]);
  });

  it('are none where there is no text', async () => {
    assert.deepEqual(await linesOf([]), []);
    assert.deepEqual(await linesOf([Buffer.alloc(0)]), []);
  });
});
