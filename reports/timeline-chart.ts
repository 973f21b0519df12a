import type { RunRecord, Scorecard } from '../core/truth/index.ts';
import { baseLayout, type Chart, minutesOf, plotlyText, quietAxis, shortNumber } from './chart.ts';
import { faultWindows } from './fault-windows.ts';
import { finalIncidents, foundIncidentId } from './incidents.ts';
import { offsetText } from './number-text.ts';
import { sliCurve } from './sli-curves.ts';
import { newDiagnoses, storyZeroMs } from './story.ts';

const pointsMax = 1500;

const runs = [
  { key: 'noFault', name: 'no fault', color: 'var(--no-fault)', dash: 'dot', width: 1.5 },
  {
    key: 'unhealed',
    name: 'unhealed (do nothing)',
    color: 'var(--unhealed)',
    dash: 'solid',
    width: 1.5,
  },
  { key: 'healed', name: 'healed', color: 'var(--healed)', dash: 'solid', width: 2.5 },
] as const;

/**
 * The run on one time axis: good ratio and p95 latency of the three twins above, the steps of the
 * loop in lanes below, the fault window shaded through all of it.
 */
export function timelineChart(record: RunRecord, scorecard: Scorecard): Chart {
  const range: [number, number] = [
    minutesOf(record.sli.healed.startMs),
    minutesOf(record.durationMs),
  ];
  const story = storyRange(record, scorecard);
  const views = story ? [{ label: 'Around the fault', range: story }] : [];
  return {
    id: 'timeline',
    label: 'Good requests, latency and the steps of the loop over time',
    heightPx: 640,
    data: [...sliTraces(record), ...laneTraces(record, scorecard)],
    layout: {
      ...baseLayout(),
      hovermode: 'x unified',
      xaxis: quietAxis({
        range: story ?? range,
        anchor: 'y3',
        title: { text: 'minutes since the run began', standoff: 8 },
        showspikes: true,
        spikemode: 'across',
        spikethickness: 1,
        spikecolor: 'var(--muted)',
        spikedash: 'dot',
      }),
      yaxis: quietAxis({
        domain: [0.66, 0.97],
        tickformat: '.0%',
        rangemode: 'normal',
      }),
      yaxis2: quietAxis({
        domain: [0.32, 0.59],
        ticksuffix: ' ms',
        rangemode: 'tozero',
      }),
      yaxis3: quietAxis({
        domain: [0, 0.25],
        range: [lanes.length - 0.5, -0.7],
        tickvals: lanes.map((_, i) => i),
        ticktext: [...lanes],
        fixedrange: true,
      }),
      shapes: shapes(record),
      annotations: [
        panelTitle('Good requests', 0.97),
        panelTitle('p95 latency of the slowest journey', 0.59),
        panelTitle('The loop', 0.25),
      ],
    },
    views: [...views, { label: 'Whole run', range }],
  };
}

/** A title at the upper left of a panel, where no axis label can collide with it. */
function panelTitle(text: string, y: number): object {
  return {
    text: `<b>${text}</b>`,
    xref: 'paper',
    yref: 'paper',
    x: 0,
    y,
    xanchor: 'left',
    yanchor: 'bottom',
    showarrow: false,
    font: { color: 'var(--ink)', size: 12 },
  };
}

function sliTraces(record: RunRecord): Chart['data'] {
  return runs.flatMap(({ key, name, color, dash, width }) => {
    const curve = sliCurve(record.sli[key], pointsMax);
    const x = curve.atMs.map(minutesOf);
    const common = {
      type: 'scatter',
      mode: 'lines',
      x,
      line: { color, dash, width, shape: 'linear' },
      legendgroup: key,
      name,
    };
    return [
      { ...common, y: curve.goodRatio.map(shortNumber), yaxis: 'y', hovertemplate: '%{y:.2%}' },
      {
        ...common,
        y: curve.latencyMsP95.map(shortNumber),
        yaxis: 'y2',
        showlegend: false,
        hovertemplate: '%{y:.0f} ms',
      },
    ];
  });
}

const lanes = ['fault', 'users', 'incident', 'diagnosis', 'action'] as const;
type Lane = (typeof lanes)[number];

const laneColors: Readonly<Record<Lane, string>> = {
  fault: 'var(--fault)',
  users: 'var(--unhealed)',
  incident: 'var(--incident)',
  diagnosis: 'var(--diagnosis)',
  action: 'var(--healed)',
};

interface Mark {
  readonly fromMs: number;
  /** Null for an instant. */
  readonly untilMs: number | null;
  readonly text: string;
  /** Where an instant is of another kind than its lane. */
  readonly color?: string;
}

function laneTraces(record: RunRecord, scorecard: Scorecard): Chart['data'] {
  const zeroMs = storyZeroMs(record);
  return lanes.flatMap((lane, row) => {
    const marks = laneMarks(lane, record, scorecard);
    if (marks.length === 0) return [];
    const common = {
      type: 'scatter',
      yaxis: 'y3',
      showlegend: false,
      hovertemplate: '%{customdata}',
      name: lane,
    };
    const bars = marks.flatMap(({ fromMs, untilMs }) =>
      untilMs === null ? [] : [minutesOf(fromMs), minutesOf(untilMs), null],
    );
    const points = {
      ...common,
      mode: 'markers',
      x: marks.map((mark) => minutesOf(mark.fromMs)),
      y: marks.map(() => row),
      customdata: marks.map(({ fromMs, text }) =>
        plotlyText(`${text} (${offsetText(fromMs - zeroMs)})`),
      ),
      marker: {
        color: marks.map((mark) => mark.color ?? laneColors[lane]),
        size: 11,
        symbol: lane === 'fault' || lane === 'users' ? 'circle' : 'diamond',
        line: { color: 'var(--surface)', width: 1.5 },
      },
    };
    if (bars.length === 0) return [points];
    const line = { color: laneColors[lane], width: 5 };
    const bar = { ...common, mode: 'lines', x: bars, y: bars.map(() => row), line, opacity: 0.45 };
    return [{ ...bar, hoverinfo: 'skip', hovertemplate: undefined }, points];
  });
}

function laneMarks(lane: Lane, record: RunRecord, scorecard: Scorecard): readonly Mark[] {
  const { events, truth, durationMs } = record;
  switch (lane) {
    case 'fault':
      return faultWindows(record).map(({ kind, target, fromMs, untilMs }) => ({
        fromMs,
        untilMs,
        text: `${kind} on ${target}`,
      }));
    case 'users': {
      if (truth.onsetMs === null || truth.silent) return [];
      const recoveredMs = scorecard.healing.recoveredAtMs;
      if (scorecard.outcome === 'healthy') {
        return [{ fromMs: truth.onsetMs, untilMs: null, text: 'users would have noticed' }];
      }
      const onset = {
        fromMs: truth.onsetMs,
        untilMs: recoveredMs ?? durationMs,
        text: 'true onset',
      };
      const recovered = {
        fromMs: recoveredMs ?? 0,
        untilMs: null,
        text: 'recovered',
        color: 'var(--healed)',
      };
      return recoveredMs === null ? [onset] : [onset, recovered];
    }
    case 'incident':
      return finalIncidents(record).map(({ id, openedAtMs, closedAtMs, severity, component }) => ({
        fromMs: openedAtMs,
        untilMs: closedAtMs ?? durationMs,
        text: `${id === foundIncidentId(scorecard) ? 'detected' : 'incident'}: ${severity} on ${component}`,
      }));
    case 'diagnosis':
      return newDiagnoses(record).map(({ atMs, suspects }) => ({
        fromMs: atMs,
        untilMs: null,
        text: suspects[0]?.component ?? 'no opinion',
      }));
    case 'action':
      return events.flatMap((event) =>
        event.type === 'acted'
          ? [{ fromMs: event.atMs, untilMs: null, text: actionText(event.outcome.action) }]
          : [],
      );
  }
}

function actionText(action: { kind: string; target: string }): string {
  return `${action.kind} ${action.target}`;
}

/** Faults that share a window are shaded once, or their colour would add up. */
function shapes(record: RunRecord): readonly object[] {
  const seen = new Set<string>();
  const found: object[] = [];
  for (const { fromMs, untilMs } of faultWindows(record)) {
    if (seen.has(`${fromMs} ${untilMs}`)) continue;
    seen.add(`${fromMs} ${untilMs}`);
    found.push({
      type: 'rect',
      xref: 'x',
      yref: 'paper',
      x0: minutesOf(fromMs),
      x1: minutesOf(untilMs),
      y0: 0,
      y1: 1,
      fillcolor: 'var(--fault)',
      opacity: 0.06,
      line: { width: 0 },
      layer: 'below',
    });
  }
  return found;
}

/** From shortly before the fault until some minutes after the last thing it led to. */
function storyRange(record: RunRecord, scorecard: Scorecard): [number, number] | null {
  const { injectedAtMs } = record.truth;
  if (injectedAtMs === null) return null;
  const lastMs = Math.max(
    scorecard.healing.recoveredAtMs ?? record.durationMs,
    ...record.events.flatMap((event) => (event.type === 'acted' ? [event.atMs] : [])),
  );
  const fromMs = Math.max(record.sli.healed.startMs, injectedAtMs - 120_000);
  const untilMs = Math.min(record.durationMs, Math.max(lastMs + 300_000, injectedAtMs + 480_000));
  return [minutesOf(fromMs), minutesOf(untilMs)];
}
