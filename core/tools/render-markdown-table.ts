/** A Markdown table, its columns aligned for those who read the source; ends without a newline. */
export function renderMarkdownTable(
  header: readonly string[],
  lines: readonly (readonly string[])[],
): string {
  const heads = header.map(escapeCell);
  const rows = lines.map((line) => line.map(escapeCell));
  const widths = heads.map((title, column) =>
    rows.reduce(
      (width, row) => Math.max(width, (row[column] ?? '').length),
      Math.max(3, title.length),
    ),
  );
  const render = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] as number)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [render(heads), rule, ...rows.map(render)].join('\n');
}

function escapeCell(cell: string): string {
  return cell.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');
}
