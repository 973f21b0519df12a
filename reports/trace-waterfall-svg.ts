import type { Span } from '../core/observable/index.ts';
import { type Html, html } from './html.ts';
import { fixed, shorten } from './svg-text.ts';

const rowHeight = 24;
const labelWidth = 360;
const canvasWidth = 1040;
const axisHeight = 26;
const spansMax = 80;

interface Row {
  readonly span: Span;
  readonly depth: number;
}

/** One request as bars over time, parents above children; spans after the 80th are counted. */
export function traceWaterfallSvg(spans: readonly Span[]): Html {
  if (spans.length === 0) return html`<p class="quiet">No slow request was kept.</p>`;
  const rows = treeOrder(spans);
  const startMs = Math.min(...spans.map((span) => span.startMs));
  const endMs = Math.max(...spans.map((span) => span.startMs + span.durationMs));
  const totalMs = Math.max(endMs - startMs, 0.001);
  const scale = (canvasWidth - labelWidth - 76) / totalMs;
  const shown = rows.slice(0, spansMax);
  const height = axisHeight + shown.length * rowHeight + 6;
  return html`<svg class="waterfall" viewBox="0 0 ${canvasWidth} ${height}" role="img" aria-label="Trace waterfall">
${tickValues(totalMs).map((tickMs) => {
  const x = fixed(labelWidth + tickMs * scale);
  return html`<line class="tick" x1="${x}" x2="${x}" y1="${axisHeight - 6}" y2="${height}"/>
  <text class="small" x="${x}" y="13">${tickMs} ms</text>
`;
})}
${shown.map((row, i) => spanRow(row, { y: axisHeight + i * rowHeight, startMs, scale, odd: i % 2 === 1 }))}
</svg>
${rows.length > spansMax ? html`<p class="quiet">${rows.length - spansMax} more spans are in traces.jsonl.</p>` : null}`;
}

function spanRow(
  { span, depth }: Row,
  at: { y: number; startMs: number; scale: number; odd: boolean },
): Html {
  const x = labelWidth + (span.startMs - at.startMs) * at.scale;
  const width = Math.max(2, span.durationMs * at.scale);
  const indent = Math.min(depth, 10) * 12;
  const { service } = span.resource;
  const failed = span.status === 'error';
  const room = Math.max(10, Math.floor((labelWidth - 24 - indent - 7.6 * service.length) / 6.5));
  return html`<g transform="translate(0 ${at.y})"><title>${spanTitle(span)}</title>${
    at.odd ? html`<rect class="stripe" width="${canvasWidth}" height="${rowHeight}"/>` : null
  }
  <text class="span-label" x="${8 + indent}" y="16"><tspan class="service">${shorten(service, 30)}</tspan> ${shorten(span.operation, room)}</text>
  <rect class="span ${spanClass(span)}${failed ? ' failed' : ''}" x="${fixed(x)}" y="6" width="${fixed(width)}" height="12" rx="3"/>
  <text class="span-time${failed ? ' failed' : ''}" x="${fixed(x + width + 6)}" y="16">${span.durationMs.toFixed(1)} ms</text></g>
`;
}

function spanClass(span: Span): string {
  const category = span.attributes['span.category'];
  if (category === 'db' || category === 'external' || category === 'cpu') return category;
  return span.kind === 'client' ? 'client' : 'server';
}

function spanTitle(span: Span): string {
  const attributes = Object.entries(span.attributes).map(([key, value]) => `${key}: ${value}`);
  const { pod, node, zone } = span.resource;
  return [
    `${span.operation} (${span.kind}, ${span.status})`,
    `${pod} on ${node}, ${zone}`,
    ...attributes,
  ].join('\n');
}

/** Parents before children, siblings by start; spans whose parent was not kept count as roots. */
function treeOrder(spans: readonly Span[]): readonly Row[] {
  const ids = new Set(spans.map((span) => span.spanId));
  const children = new Map<string, Span[]>();
  for (const span of [...spans].sort(
    (a, b) => a.startMs - b.startMs || (a.spanId < b.spanId ? -1 : 1),
  )) {
    const parent =
      span.parentSpanId !== null && ids.has(span.parentSpanId) ? span.parentSpanId : '';
    children.set(parent, [...(children.get(parent) ?? []), span]);
  }
  const rows: Row[] = [];
  const placed = new Set<Span>();
  const add = (span: Span, depth: number): void => {
    if (placed.has(span)) return;
    placed.add(span);
    rows.push({ span, depth });
    for (const child of children.get(span.spanId) ?? []) add(child, depth + 1);
  };
  for (const span of children.get('') ?? []) add(span, 0);
  // What is left hangs in a loop of parents: broken, but still shown.
  for (const span of spans) add(span, 0);
  return rows;
}

/** Four to eight round times from 0 to the total. */
function tickValues(totalMs: number): readonly number[] {
  const magnitude = 10 ** Math.floor(Math.log10(totalMs / 4));
  const step = [1, 2, 5, 10].map((m) => m * magnitude).find((s) => totalMs / s <= 7) as number;
  return Array.from({ length: Math.floor(totalMs / step) + 1 }, (_, i) =>
    Number((i * step).toPrecision(6)),
  );
}
