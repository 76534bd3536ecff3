// Aligned columns for people. Pure.
import { printable } from './printable.js';

const GAP = '  ';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Longer cells end with an ellipsis. */
  readonly maxWidth?: number;
}

/** One line a row, under the titles; nothing trails. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map(({ title }) => title), ...rows].map((cells) =>
    columns.map(({ maxWidth = Infinity }, index) => shorten(printable(cells[index] ?? ''), maxWidth)),
  );
  const widths = columns.map((_, index) => Math.max(...lines.map((cells) => widthOf(cells[index] ?? ''))));
  return lines
    .map((cells) => {
      const padded = cells.map((cell, index) => {
        const space = ' '.repeat((widths[index] ?? 0) - widthOf(cell));
        return columns[index]?.align === 'right' ? space + cell : cell + space;
      });
      return padded.join(GAP).trimEnd();
    })
    .join('\n');
}

const WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}]/u;
const NO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** In a terminal's columns, as far as that can be known. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += NO_WIDTH.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
}

export function shorten(text: string, maxWidth: number): string {
  if (widthOf(text) <= maxWidth) return text;
  let kept = '';
  let width = 0;
  for (const character of text) {
    width += widthOf(character);
    if (width > maxWidth - 1) break;
    kept += character;
  }
  return `${kept}…`;
}
