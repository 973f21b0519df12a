import { alignRows, type Cell } from './terminal-text.ts';

/**
 * Rows in aligned columns, as many to a table as fit the width; each further table begins with the
 * first `kept` columns again. A blank line follows every table.
 */
export function tablesWithin(
  rows: readonly (readonly Cell[])[],
  { width, kept }: { readonly width: number; readonly kept: number },
): readonly string[] {
  const widths = (rows[0] ?? []).map((_, i) =>
    Math.max(...rows.map((row) => row[i]?.text.length ?? 0)),
  );
  const fixed = widths.slice(0, kept).reduce((sum, column) => sum + column + 2, 0) - 2;
  const tables: number[][] = [];
  let left = 0;
  for (let column = kept; column < widths.length; column += 1) {
    const needed = 2 + (widths[column] as number);
    if (needed > left || tables.length === 0) {
      tables.push([]);
      left = width - fixed;
    }
    (tables.at(-1) as number[]).push(column);
    left -= needed;
  }
  return tables.flatMap((columns) => [
    ...alignRows(
      rows.map((row) => [...row.slice(0, kept), ...columns.map((column) => row[column] as Cell)]),
    ),
    '',
  ]);
}
