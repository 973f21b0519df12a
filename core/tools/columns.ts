/**
 * A table of text with columns two spaces apart, one line per row and a line end after each; the
 * first column stands left, the others where `align` says.
 */
export function renderColumns(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  align: 'left' | 'right' = 'left',
): string {
  const lines = [head, ...rows];
  const widths = head.map((_, column) =>
    Math.max(...lines.map((line) => (line[column] ?? '').length)),
  );
  const cell = (text: string, column: number): string => {
    const width = widths[column] as number;
    return column > 0 && align === 'right' ? text.padStart(width) : text.padEnd(width);
  };
  return lines.map((line) => `${line.map(cell).join('  ').trimEnd()}\n`).join('');
}
