/**
 * One Plotly figure as data. Colours are written `var(--name)`: the page's script puts the reader's
 * light or dark colour in their place, so the figure itself has no theme.
 */
export interface Chart {
  /** Id of its `div`. */
  readonly id: string;
  /** What it shows, for screen readers. */
  readonly label: string;
  readonly heightPx: number;
  readonly data: readonly Readonly<Record<string, unknown>>[];
  readonly layout: Readonly<Record<string, unknown>>;
  /** Ranges of the x axis to choose from; the first one is shown. */
  readonly views: readonly { readonly label: string; readonly range: readonly [number, number] }[];
}

const fontStack = 'ui-sans-serif, system-ui, "Segoe UI", Roboto, Helvetica, Arial, sans-serif';

/** What all figures have in common. */
export function baseLayout(): Readonly<Record<string, unknown>> {
  return {
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    font: { family: fontStack, size: 12, color: 'var(--muted)' },
    margin: { l: 64, r: 16, t: 32, b: 44 },
    hoverlabel: {
      bgcolor: 'var(--surface)',
      bordercolor: 'var(--line)',
      font: { family: fontStack, size: 12, color: 'var(--ink)' },
    },
    showlegend: true,
    legend: {
      orientation: 'h',
      x: 1,
      xanchor: 'right',
      y: 1,
      yanchor: 'bottom',
      font: { color: 'var(--ink)' },
    },
    dragmode: 'zoom',
  };
}

/** An axis with hairlines and no frame. */
export function quietAxis(
  options: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return {
    gridcolor: 'var(--grid)',
    zeroline: false,
    showline: false,
    ticks: '',
    automargin: false,
    ...options,
  };
}

/** Milliseconds of the run as minutes, to the tenth of a second. */
export function minutesOf(atMs: number): number {
  return Math.round(atMs / 100) / 600;
}

/** A value cut to four significant digits, so that a page does not carry noise. */
export function shortNumber(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(4));
}

/** Plotly reads a little markup in its texts; this takes it away. */
export function plotlyText(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/%\{/g, '% {');
}
