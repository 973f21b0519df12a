/** How a terminal shows text; without colour every function gives the text back as it is. */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly accent: (text: string) => string;
}

export function createPaint(color: boolean): Paint {
  const code =
    (open: number, close: number) =>
    (text: string): string =>
      color && text ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return {
    bold: code(1, 22),
    dim: code(2, 22),
    good: code(32, 39),
    bad: code(31, 39),
    warn: code(33, 39),
    accent: code(36, 39),
  };
}

const glyphs = '▁▂▃▄▅▆▇█';

/** Values as blocks between `low` and `high`: the lowest of each group, gaps as spaces. */
export function sparkline(
  values: readonly (number | null)[],
  scale: { readonly low: number; readonly high: number; readonly width: number },
): string {
  const width = Math.min(scale.width, values.length);
  const span = scale.high - scale.low;
  let line = '';
  for (let i = 0; i < width; i += 1) {
    const from = Math.floor((i * values.length) / width);
    const until = Math.max(from + 1, Math.floor(((i + 1) * values.length) / width));
    const group = values.slice(from, until).filter((value) => value !== null);
    if (group.length === 0) line += ' ';
    else {
      const share = span > 0 ? (Math.min(...group) - scale.low) / span : 1;
      line += glyphs[Math.round(Math.min(1, Math.max(0, share)) * (glyphs.length - 1))];
    }
  }
  return line;
}

/** Text without control characters: a name must not move the cursor or change colours. */
export function clean(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose.
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
}

/** Clean text cut to a width, with an ellipsis where something is missing. */
export function cutText(text: string, width: number): string {
  return text.length <= width ? clean(text) : `${clean(text.slice(0, Math.max(0, width - 1)))}…`;
}

/** Text in lines of at most a width, broken between words. */
export function wrapWords(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line ? `${line} ${word}` : word;
  }
  return line ? [...lines, line] : lines;
}

export interface Cell {
  readonly text: string;
  readonly paint?: (text: string) => string;
  readonly align?: 'right';
}

/** Rows of clean text in aligned columns, two spaces between; painting does not disturb that. */
export function alignRows(rows: readonly (readonly Cell[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach(({ text }, i) => {
      widths[i] = Math.max(widths[i] ?? 0, text.length);
    });
  }
  return rows.map((row) =>
    row
      .map(({ text, paint, align }, i) => {
        const gap = ' '.repeat((widths[i] as number) - text.length);
        const shown = paint ? paint(clean(text)) : clean(text);
        if (align === 'right') return gap + shown;
        return i === row.length - 1 ? shown : shown + gap;
      })
      .join('  ')
      .trimEnd(),
  );
}
