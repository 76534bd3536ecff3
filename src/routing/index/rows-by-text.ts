// Turns lists of texts around: from what each row lists to the rows that list each text.

/** The places of the rows that list each text, in ascending order. */
export function rowsByText(
  listed: readonly (readonly string[] | undefined)[],
): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>();
  for (const [place, texts] of listed.entries()) {
    for (const text of texts ?? []) {
      const list = places.get(text);
      if (list === undefined) places.set(text, [place]);
      // A row may list a text twice.
      else if (list.at(-1) !== place) list.push(place);
    }
  }
  return places;
}
