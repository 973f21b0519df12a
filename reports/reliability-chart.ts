import type { Reliability } from '../core/truth/index.ts';
import { baseLayout, type Chart, quietAxis, shortNumber } from './chart.ts';

/** Reliability diagram: the share that was right over the certainty that was stated. */
export function reliabilityChart({ bins }: Reliability): Chart {
  const shares = bins.map(({ right: { value, low, high } }) => ({
    value: value ?? 0,
    low: low ?? 0,
    high: high ?? 1,
  }));
  return {
    id: 'reliability',
    label: 'Share of first suspects that were the cause, over their weight',
    heightPx: 360,
    data: [
      {
        type: 'scatter',
        mode: 'lines',
        name: 'weights that are true',
        x: [0, 1],
        y: [0, 1],
        line: { color: 'var(--muted)', width: 1, dash: 'dot' },
        hoverinfo: 'skip',
      },
      {
        type: 'scatter',
        mode: 'markers',
        name: 'first suspects',
        x: bins.map(({ stated }) => shortNumber(stated)),
        y: shares.map(({ value }) => shortNumber(value)),
        error_y: {
          type: 'data',
          symmetric: false,
          array: shares.map(({ value, high }) => shortNumber(high - value)),
          arrayminus: shares.map(({ value, low }) => shortNumber(value - low)),
          thickness: 1.5,
          width: 0,
          color: 'var(--diagnosis)',
        },
        customdata: bins.map(({ right }) => right.n),
        hovertemplate: 'weight %{x}: %{y} right (n = %{customdata})',
        marker: { color: 'var(--diagnosis)', size: 10 },
      },
    ],
    layout: {
      ...baseLayout(),
      hovermode: 'closest',
      xaxis: quietAxis({ range: [-0.02, 1.04], title: { text: 'weight of the first suspect' } }),
      yaxis: quietAxis({ range: [-0.02, 1.04], tickformat: '.0%', title: { text: 'right' } }),
    },
    views: [],
  };
}

/** What the diagram amounts to, in two sentences. */
export function reliabilityText(reliability: Reliability): string {
  const { expectedCalibrationError: error, brier, brierOfMean } = reliability;
  if (error === null || brier === null || brierOfMean === null) return '';
  const verdict = brier < brierOfMean ? 'better than' : 'no better than';
  return `Weights miss the shares by ${error.toFixed(2)} on average. Their Brier score is ${brier.toFixed(3)}, ${verdict} the ${brierOfMean.toFixed(3)} of always stating the mean share.`;
}
