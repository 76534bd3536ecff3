// Bytes that come in pieces → lines of text, which end at a line feed and nowhere else. Not node:readline: from Node 22 on it
// ends a line at U+2028 and U+2029 too, which JSON may have within a text.

/** @param pieces UTF-8, cut anywhere. What follows the last line feed is a line too, if it is anything. */
export async function* textLines(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  // Only joined once the line is whole: a long one comes in many pieces.
  let begun: string[] = [];
  for await (const piece of pieces) {
    const [first = '', ...more] = decoder.decode(piece, { stream: true }).split('\n');
    begun.push(first);
    for (const next of more) {
      yield begun.join('');
      begun = [next];
    }
  }
  const last = begun.join('') + decoder.decode();
  if (last !== '') yield last;
}
