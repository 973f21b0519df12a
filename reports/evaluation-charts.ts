import type { Evaluation, EvaluationFigures, Figure } from '../core/truth/index.ts';
import { baseLayout, type Chart, plotlyText, quietAxis, shortNumber } from './chart.ts';

const rates = [
  { name: 'recall', color: 'var(--incident)', read: (f: EvaluationFigures) => f.detection.recall },
  { name: 'precision', color: 'var(--cpu)', read: (f: EvaluationFigures) => f.detection.precision },
  { name: 'top-1', color: 'var(--diagnosis)', read: (f: EvaluationFigures) => f.diagnosis.top1 },
  {
    name: 'recovered',
    color: 'var(--healed)',
    read: (f: EvaluationFigures) => f.healing.recovered,
  },
] as const;

/** The four rates of each faulty scenario as dots with their intervals. */
export function ratesChart(evaluation: Evaluation): Chart {
  const scenarios = faultyScenarios(evaluation);
  return {
    id: 'rates',
    label: 'Recall, precision, top-1 and recovered share per scenario',
    heightPx: 90 + 64 * Math.max(1, scenarios.length),
    data: rates.map(({ name, color, read }, i) =>
      dots({ name, color, offset: (i - 1.5) * 0.17 }, scenarios.map(read), 1),
    ),
    layout: dotLayout(scenarios, { range: [-0.02, 1.02], tickformat: '.0%' }),
    views: [],
  };
}

/** Mean time to recover of each faulty scenario, beside each baseline's. */
export function recoveryChart(evaluation: Evaluation): Chart {
  const scenarios = faultyScenarios(evaluation);
  const baselines = evaluation.baselines.map(({ name, byScenario }, i) =>
    dots(
      { name, color: 'var(--unhealed)', offset: 0.15 * (2 * i + 1) },
      scenarios.map(({ id }) => byScenario.find((one) => one.id === id)?.healing.timeToRecoverMs),
      60_000,
    ),
  );
  const ours = dots(
    { name: 'healed', color: 'var(--healed)', offset: -0.15 },
    scenarios.map((scenario) => scenario.healing.timeToRecoverMs),
    60_000,
  );
  return {
    id: 'recovery',
    label: 'Mean time to recover per scenario, healed and not',
    heightPx: 90 + 52 * Math.max(1, scenarios.length),
    data: [ours, ...baselines],
    layout: dotLayout(scenarios, { rangemode: 'tozero', ticksuffix: ' min' }),
    views: [],
  };
}

type Scenarios = Evaluation['byScenario'];

/** More rows than this are a scroll, not a picture. */
const shownMax = 24;

/** Scenarios with a fault; of many, those that went worst, worst first. */
function faultyScenarios(evaluation: Evaluation): Scenarios {
  const faulty = evaluation.byScenario.filter(({ ends }) => ends !== 'healthy');
  if (faulty.length <= shownMax) return faulty;
  return [...faulty].sort((a, b) => goodnessOf(a) - goodnessOf(b)).slice(0, shownMax);
}

function goodnessOf(figures: EvaluationFigures): number {
  return rates.reduce((sum, { read }) => sum + (read(figures).value ?? 1), 0);
}

/** What a chart of scenarios leaves out, in words; empty when it shows them all. */
export function shownText(evaluation: Evaluation): string {
  const all = evaluation.byScenario.filter(({ ends }) => ends !== 'healthy').length;
  return all > shownMax ? ` The ${shownMax} that went worst of ${all}.` : '';
}

function dots(
  style: { name: string; color: string; offset: number },
  figures: readonly (Figure | undefined)[],
  unit: number,
): Chart['data'][number] {
  const known = figures.flatMap((figure, row) =>
    figure && figure.value !== null ? [{ ...figure, value: figure.value, row }] : [],
  );
  return {
    type: 'scatter',
    mode: 'markers',
    name: plotlyText(style.name),
    x: known.map(({ value }) => shortNumber(value / unit)),
    y: known.map(({ row }) => row + style.offset),
    error_x: {
      type: 'data',
      symmetric: false,
      array: known.map(({ value, high }) => shortNumber(((high ?? value) - value) / unit)),
      arrayminus: known.map(({ value, low }) => shortNumber((value - (low ?? value)) / unit)),
      thickness: 1.5,
      width: 0,
      color: style.color,
    },
    customdata: known.map(({ n }) => n),
    hovertemplate: '%{x} (n = %{customdata})',
    marker: { color: style.color, size: 9, line: { color: 'var(--surface)', width: 1.5 } },
  };
}

function dotLayout(
  scenarios: Scenarios,
  xaxis: Readonly<Record<string, unknown>>,
): Chart['layout'] {
  return {
    ...baseLayout(),
    margin: { l: 160, r: 24, t: 32, b: 40 },
    hovermode: 'closest',
    xaxis: quietAxis(xaxis),
    yaxis: quietAxis({
      range: [Math.max(0.6, scenarios.length - 0.4), -0.6],
      tickvals: scenarios.map((_, i) => i),
      ticktext: scenarios.map(({ id }) => plotlyText(id)),
      tickfont: { color: 'var(--ink)' },
      showgrid: false,
      fixedrange: true,
    }),
  };
}
