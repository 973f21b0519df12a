import { type ComponentId, edgeId, type NodeEntry } from '../core/observable/index.ts';
import type { RunRecord, Scorecard } from '../core/truth/index.ts';
import { type Html, html } from './html.ts';
import { offsetText } from './number-text.ts';
import { layoutServices, type PlacedService } from './service-graph-layout.ts';
import { storyZeroMs } from './story.ts';
import { judgeSuspects, serviceOf } from './suspects.ts';
import { fixed, shorten } from './svg-text.ts';

const box = { width: 188, height: 48, rowGap: 16, layerGapMin: 72 };
const canvasWidth = 1040;
const chip = { width: 92, height: 24, gap: 6 };
const nodesPerZoneMax = 24;

/** What the picture says about one component. */
interface Standing {
  /** Highest suspect weight, 0 for none. */
  readonly heat: number;
  readonly rootCause: boolean;
  readonly affectedAtMs: number | null;
}

type StandingOf = (id: ComponentId) => Standing;

/**
 * The call graph as a picture, calls running left to right, below it the zones with their nodes:
 * filled by suspect weight, dotted where truth says it was affected, outlined where it all began.
 */
export function serviceGraphSvg(record: RunRecord, scorecard: Scorecard): Html {
  const layout = layoutServices(record.topology);
  const standing = standings(record, scorecard);
  const zeroMs = storyZeroMs(record);
  const graphHeight = layout.rows * (box.height + box.rowGap) + 12;
  const place = new Map<string, { x: number; y: number; service: PlacedService }>();
  const gap = Math.max(
    box.layerGapMin,
    layout.layers > 1 ? (canvasWidth - 8 - layout.layers * box.width) / (layout.layers - 1) : 0,
  );
  for (const service of layout.services) {
    const inLayer = layout.services.filter((other) => other.layer === service.layer).length;
    const top = (graphHeight - inLayer * (box.height + box.rowGap) + box.rowGap) / 2;
    const x = 4 + service.layer * (box.width + gap);
    place.set(service.name, { x, y: top + service.row * (box.height + box.rowGap), service });
  }
  const width = Math.max(canvasWidth, 8 + layout.layers * box.width + (layout.layers - 1) * gap);
  const zones = zoneStrip(record.topology.nodes, { top: graphHeight + 12, width }, standing);
  return html`<svg class="graph" viewBox="0 0 ${width} ${graphHeight + 12 + zones.height}" role="img"
  aria-label="Service graph, zones and nodes">
${layout.calls.map(({ from, to }) => {
  const a = place.get(from);
  const b = place.get(to);
  return a && b ? edge(a, b, standing(edgeId(from, to))) : html``;
})}
${[...place.values()].map(({ x, y, service }) => {
  const own = standing(`service/${service.name}`);
  return serviceBox({ x, y }, service, { standing: own, zeroMs });
})}
${zones.markup}
</svg>`;
}

function standings(record: RunRecord, scorecard: Scorecard): StandingOf {
  const heat = new Map<ComponentId, number>();
  const raise = (id: ComponentId, weight: number): void => {
    heat.set(id, Math.max(heat.get(id) ?? 0, weight));
  };
  for (const { component, weight } of judgeSuspects(record, scorecard)) {
    const service = serviceOf(record.topology, component);
    raise(service === null ? component : `service/${service}`, weight);
  }
  const affected = new Map(record.truth.affected.map(({ component, atMs }) => [component, atMs]));
  const roots = new Set<ComponentId>();
  for (const component of record.truth.rootCauses) {
    const service = serviceOf(record.topology, component);
    roots.add(service === null ? component : `service/${service}`);
  }
  return (id) => ({
    heat: heat.get(id) ?? 0,
    rootCause: roots.has(id),
    affectedAtMs: affected.get(id) ?? null,
  });
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function edge(from: Point, to: Point, standing: Standing): Html {
  const [x1, y1] = [from.x + box.width, from.y + box.height / 2];
  const [x2, y2] = [to.x, to.y + box.height / 2];
  const bend = Math.max(28, Math.abs(x2 - x1) * 0.45);
  const kind = standing.rootCause ? 'edge root' : standing.heat > 0 ? 'edge hot' : 'edge';
  const path = [
    `M${fixed(x1)} ${fixed(y1)}`,
    `C${fixed(x1 + bend)} ${fixed(y1)}`,
    `${fixed(x2 - bend)} ${fixed(y2)}`,
    `${fixed(x2)} ${fixed(y2)}`,
  ].join(' ');
  return html`<path class="${kind}" d="${path}"/>
`;
}

function serviceBox(
  { x, y }: Point,
  service: PlacedService,
  context: { standing: Standing; zeroMs: number },
): Html {
  const { heat, rootCause, affectedAtMs } = context.standing;
  const isBare = affectedAtMs === null && heat === 0 && kindNote(service.kind) === '';
  const note =
    affectedAtMs === null
      ? kindNote(service.kind)
      : `affected ${offsetText(affectedAtMs - context.zeroMs)}`;
  return html`<g transform="translate(${fixed(x)} ${fixed(y)})"><title>${service.name}</title>
  <rect class="box${rootCause ? ' root' : ''}" style="--heat:${heat}"
    width="${box.width}" height="${box.height}" rx="${service.kind === 'datastore' ? 22 : 8}"/>${
      affectedAtMs === null ? null : html`<circle class="hit" cx="17" cy="33" r="3.5"/>`
    }<text class="name" x="14" y="${isBare ? 28 : 20}">${shorten(service.name, 24)}</text>
  <text class="note" x="${affectedAtMs === null ? 14 : 26}" y="37">${note}</text>${
    heat > 0
      ? html`<text class="weight" x="${box.width - 14}" y="37">${heat.toFixed(2)}</text>`
      : null
  }</g>
`;
}

function kindNote(kind: PlacedService['kind']): string {
  return kind === 'service' ? '' : kind;
}

function zoneStrip(
  nodes: readonly NodeEntry[],
  frame: { top: number; width: number },
  standing: StandingOf,
): { markup: Html; height: number } {
  const zones = [...new Set(nodes.map((node) => node.zone))].sort();
  if (zones.length === 0) return { markup: html``, height: 0 };
  const gap = 14;
  const width = (frame.width - 8 - gap * (zones.length - 1)) / zones.length;
  const perRow = Math.max(1, Math.floor((width - 24 + chip.gap) / (chip.width + chip.gap)));
  const shown = zones.map((zone) =>
    nodes.filter((node) => node.zone === zone).slice(0, nodesPerZoneMax),
  );
  const rows = Math.max(...shown.map((list) => Math.ceil(list.length / perRow)));
  const height = 34 + rows * (chip.height + chip.gap) + 6;
  const markup = zones.map((zone, i) => {
    const { heat, rootCause } = standing(`zone/${zone}`);
    const x = 4 + i * (width + gap);
    const all = nodes.filter((node) => node.zone === zone).length;
    const more = all > nodesPerZoneMax ? ` (${all} nodes, ${nodesPerZoneMax} shown)` : '';
    return html`<g transform="translate(${fixed(x)} ${fixed(frame.top)})">
    <rect class="zone${rootCause ? ' root' : ''}" style="--heat:${heat}"
      width="${fixed(width)}" height="${height}" rx="10"/>
    <text class="name" x="12" y="21">${shorten(`zone ${zone}`, 36)}${more}</text>${
      heat > 0
        ? html`<text class="weight" x="${fixed(width - 12)}" y="21">${heat.toFixed(2)}</text>`
        : null
    }${(shown[i] as NodeEntry[]).map((node, n) => nodeChip(node.name, { n, perRow }, standing(`node/${node.name}`)))}</g>
`;
  });
  return { markup: html`${markup}`, height: height + 4 };
}

function nodeChip(name: string, slot: { n: number; perRow: number }, standing: Standing): Html {
  const x = 12 + (slot.n % slot.perRow) * (chip.width + chip.gap);
  const y = 32 + Math.floor(slot.n / slot.perRow) * (chip.height + chip.gap);
  return html`<g transform="translate(${x} ${y})"><title>${name}</title>
  <rect class="chip${standing.rootCause ? ' root' : ''}" style="--heat:${standing.heat}"
    width="${chip.width}" height="${chip.height}" rx="6"/>
  <text class="small" x="${chip.width / 2}" y="16">${shorten(name, 14)}</text></g>`;
}
