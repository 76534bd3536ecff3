// Prints figures for people: one aligned table, text to the left, figures to the right.

export interface Column<Row> {
  readonly title: string;
  readonly align: 'left' | 'right';
  readonly text: (row: Row) => string;
}

/** The table as text, one line a row, ending in a newline. */
export function formatTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const cells = columns.map(({ title, align, text }) => {
    const texts = [title, ...rows.map(text)];
    const width = Math.max(...texts.map((cell) => cell.length));
    return texts.map((cell) => (align === 'left' ? cell.padEnd(width) : cell.padStart(width)));
  });
  const lines = [line(cells, 0), rule(cells), ...rows.map((_, index) => line(cells, index + 1))];
  return `${lines.join('\n')}\n`;
}

function rule(cells: readonly string[][]): string {
  return cells.map((column) => '-'.repeat(column[0]?.length ?? 0)).join('  ');
}

function line(cells: readonly string[][], index: number): string {
  return cells
    .map((column) => column[index] ?? '')
    .join('  ')
    .trimEnd();
}
