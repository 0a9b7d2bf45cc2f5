/** Tables for a terminal and for a page. */

export type Table = {
  title: string;
  /** The first column is text, the others are figures, unless all are words. */
  columns: string[];
  words?: true;
  rows: string[][];
};

/** Columns aligned with spaces, as tinybench and mitata have them. */
export function asText(tables: readonly Table[]): string {
  return tables.map(textTable).join('\n');
}

function textTable({title, columns, rows, words}: Table): string {
  const all = [columns, ...rows];
  const widths = columns.map((_, n) => Math.max(...all.map(row => row[n]?.length ?? 0)));
  const line = (row: string[]) =>
    row
      .map((cell, n) => (n === 0 || words ? cell.padEnd(widths[n] ?? 0) : cell.padStart(widths[n] ?? 0)))
      .join('  ');
  const rule = '-'.repeat(widths.reduce((sum, width) => sum + width + 2, -2));
  return [title, line(columns), rule, ...rows.map(line), ''].map(text => text.trimEnd()).join('\n');
}

/** Markdown; `|` in a cell is kept. */
export function asMarkdown({title, columns, rows, words}: Table, level: number): string {
  const line = (row: string[]) => `| ${row.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = columns.map((_, n) => (n === 0 || words ? '---' : '---:'));
  return [`${'#'.repeat(level)} ${title}`, '', line(columns), line(rule), ...rows.map(line), ''].join('\n');
}

/** How many times the base a value is; a dash where one of the two is not there. */
export function times(value: number | undefined, base: number | undefined): string {
  return value === undefined || base === undefined || base === 0 ? '–' : `${(value / base).toFixed(2)}x`;
}
