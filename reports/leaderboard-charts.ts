import type { Contestant, Evaluation } from '../core/truth/index.ts';
import { baseLayout, type Chart, plotlyText, quietAxis, shortNumber } from './chart.ts';

const colors = ['var(--healed)', 'var(--diagnosis)', 'var(--incident)', 'var(--cpu)', 'var(--bad)'];
/** A logarithmic axis has no zero: no false incident at all is drawn here. */
const leastFalse = 0.02;
/** Of those that cost nothing, the one whose delays mean something. */
const shownTrivial = 'three_sigma';
/** Delays beyond this many seconds are not drawn. */
const delayMaxSec = 600;

/** Recall over false incidents a day, one line per detector, one point per threshold. */
export function operatingChart({ leaderboard }: Evaluation): Chart {
  return {
    id: 'operating',
    label: 'Recall over false incidents a day, per threshold',
    heightPx: 380,
    data: [
      ...ofKind(leaderboard, 'contestant').map((one, i) =>
        line(
          one.name,
          i,
          one.operatingCurve.map(({ threshold, recall, falseIncidentsPerDay }) => ({
            x: Math.max(leastFalse, falseIncidentsPerDay),
            y: recall,
            text: `threshold × ${threshold}: ${shortNumber(falseIncidentsPerDay)} a day`,
          })),
        ),
      ),
      ...leaderboard.flatMap((one, i) => whereItStands(one, i)),
    ],
    layout: {
      ...baseLayout(),
      hovermode: 'closest',
      xaxis: quietAxis({
        type: 'log',
        tickvals: [leastFalse, 0.1, 0.3, 1, 3, 10, 30, 100, 300],
        ticktext: ['none', '0.1', '0.3', '1', '3', '10', '30', '100', '300'],
        title: { text: 'false incidents a day' },
      }),
      yaxis: quietAxis({ range: [-0.02, 1.04], tickformat: '.0%', title: { text: 'recall' } }),
      shapes: [
        {
          type: 'line',
          x0: 1,
          x1: 1,
          yref: 'paper',
          y0: 0,
          y1: 1,
          line: { color: 'var(--muted)', width: 1, dash: 'dot' },
        },
      ],
    },
    views: [],
  };
}

/** Precision over recall, one line per detector, one point per threshold. */
export function precisionRecallChart({ leaderboard }: Evaluation): Chart {
  return {
    id: 'precision-recall',
    label: 'Precision over recall, per threshold',
    heightPx: 380,
    data: ofKind(leaderboard, 'contestant').map((one, i) =>
      line(
        one.name,
        i,
        one.operatingCurve.flatMap(({ threshold, recall, precision }) =>
          precision === null ? [] : [{ x: recall, y: precision, text: `threshold × ${threshold}` }],
        ),
      ),
    ),
    layout: {
      ...baseLayout(),
      hovermode: 'closest',
      xaxis: quietAxis({ range: [-0.02, 1.04], tickformat: '.0%', title: { text: 'recall' } }),
      yaxis: quietAxis({ range: [-0.02, 1.04], tickformat: '.0%', title: { text: 'precision' } }),
    },
    views: [],
  };
}

/** Share of the faults that were detected within a time after onset; what was missed never is. */
export function delayChart({ leaderboard }: Evaluation): Chart {
  const shown = leaderboard.filter(
    ({ delaysMs, kind, name }) =>
      delaysMs.length > 0 && (kind === 'contestant' || name === shownTrivial),
  );
  return {
    id: 'delays',
    label: 'Share of the faults detected within a time after onset',
    heightPx: 340,
    data: shown.map((one, i) => {
      const n = one.delaysMs.length + one.missed;
      const within = one.delaysMs.filter((delayMs) => delayMs <= delayMaxSec * 1000);
      const last = within.length / n;
      const points = [
        { x: 0, y: 0 },
        ...within.map((delayMs, rank) => ({ x: delayMs / 1000, y: (rank + 1) / n })),
        { x: delayMaxSec, y: last },
      ];
      return {
        type: 'scatter',
        mode: 'lines',
        name: plotlyText(one.name),
        x: points.map(({ x }) => shortNumber(x)),
        y: points.map(({ y }) => shortNumber(y)),
        line: {
          shape: 'hv',
          width: one.kind === 'trivial' ? 1.25 : 2,
          color: colorOf(one, i),
          dash: one.kind === 'trivial' ? 'dot' : 'solid',
        },
        hovertemplate: '%{y} within %{x} s',
      };
    }),
    layout: {
      ...baseLayout(),
      hovermode: 'closest',
      xaxis: quietAxis({ range: [0, delayMaxSec], title: { text: 's after onset' } }),
      yaxis: quietAxis({ range: [-0.02, 1.04], tickformat: '.0%' }),
    },
    views: [],
  };
}

/** Whether any detector was tried at several thresholds. */
export function hasCurves({ leaderboard }: Evaluation): boolean {
  return leaderboard.some(({ operatingCurve }) => operatingCurve.length > 1);
}

function ofKind(
  leaderboard: readonly Contestant[],
  kind: Contestant['kind'],
): readonly Contestant[] {
  return leaderboard.filter((one) => one.kind === kind);
}

function colorOf({ kind }: Contestant, index: number): string {
  return kind === 'trivial' ? 'var(--no-fault)' : (colors[index % colors.length] as string);
}

interface Point {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

function line(name: string, index: number, points: readonly Point[]): Chart['data'][number] {
  const color = colors[index % colors.length];
  return {
    type: 'scatter',
    mode: 'lines+markers',
    name: plotlyText(name),
    x: points.map(({ x }) => shortNumber(x)),
    y: points.map(({ y }) => shortNumber(y)),
    text: points.map(({ text }) => plotlyText(text)),
    hovertemplate: '%{y}, %{text}',
    line: { color, width: 2 },
    marker: { color, size: 6 },
  };
}

/** The detector as it ran, incidents grouped and all: a cross on the same plane. */
function whereItStands(one: Contestant, index: number): Chart['data'] {
  const { recall, falseIncidentsPerDay, name, kind } = one;
  if (recall.value === null || falseIncidentsPerDay.value === null) return [];
  return [
    {
      type: 'scatter',
      mode: 'markers',
      name: plotlyText(kind === 'trivial' ? name : `${name}, as it ran`),
      showlegend: kind === 'trivial',
      x: [shortNumber(Math.max(leastFalse, falseIncidentsPerDay.value))],
      y: [shortNumber(recall.value)],
      hovertemplate: `%{y} at ${shortNumber(falseIncidentsPerDay.value)} a day`,
      marker: { color: colorOf(one, index), size: 12, symbol: 'x-thin-open', line: { width: 2 } },
    },
  ];
}
