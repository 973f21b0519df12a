import {
  type Evaluation,
  type EvaluationFigures,
  type Figure,
  noFigure,
} from '../core/truth/index.ts';
import { missing } from './number-text.ts';

/** One row of the evaluation table: a scenario, or all of them. */
export interface EvaluationRow {
  readonly name: string;
  readonly trials: number;
  readonly isTotal: boolean;
  readonly figures: EvaluationFigures;
  /** Per baseline, in the evaluation's order. */
  readonly baselines: readonly { readonly timeToRecoverMs: Figure; readonly passed: Figure }[];
}

export interface EvaluationColumn {
  readonly title: string;
  readonly text: (row: EvaluationRow) => string;
}

/** Scenarios in the evaluation's order, then the total. */
export function evaluationRows(evaluation: Evaluation): readonly EvaluationRow[] {
  const rows = evaluation.byScenario.map((scenario) => ({
    name: scenario.id,
    trials: scenario.trials,
    isTotal: false,
    figures: scenario,
    baselines: evaluation.baselines.map(({ byScenario }) =>
      baselineFigures(byScenario.find(({ id }) => id === scenario.id)),
    ),
  }));
  const total = {
    name: 'all',
    trials: evaluation.trials,
    isTotal: true,
    figures: evaluation,
    baselines: evaluation.baselines.map(baselineFigures),
  };
  return [...rows, total];
}

function baselineFigures(
  from: Pick<Evaluation['baselines'][number], 'healing' | 'resilience'> | undefined,
): EvaluationRow['baselines'][number] {
  return {
    timeToRecoverMs: from?.healing.timeToRecoverMs ?? noFigure,
    passed: from?.resilience.passed ?? noFigure,
  };
}

/** The columns that people compare, detection first, each baseline beside our own figure. */
export function evaluationColumns(evaluation: Evaluation): readonly EvaluationColumn[] {
  const rate = (title: string, read: (figures: EvaluationFigures) => Figure): EvaluationColumn => ({
    title,
    text: (row) => figureText(read(row.figures)),
  });
  return [
    rate('recall', (f) => f.detection.recall),
    rate('precision', (f) => f.detection.precision),
    {
      title: 'median delay',
      text: (row) => durationFigureText(row.figures.detection.timeToDetectMsP50),
    },
    rate('top-1', (f) => f.diagnosis.top1),
    rate('recovered', (f) => f.healing.recovered),
    { title: 'MTTR', text: (row) => durationFigureText(row.figures.healing.timeToRecoverMs) },
    ...evaluation.baselines.map(({ name }, i) => ({
      title: `MTTR, ${name}`,
      text: (row: EvaluationRow) =>
        durationFigureText(row.baselines[i]?.timeToRecoverMs ?? noFigure),
    })),
    rate('passed', (f) => f.resilience.passed),
    ...evaluation.baselines.map(({ name }, i) => ({
      title: `passed, ${name}`,
      text: (row: EvaluationRow) => figureText(row.baselines[i]?.passed ?? noFigure),
    })),
    rate('incidents per run', (f) => f.detection.incidents),
    rate('alerts per run', (f) => f.detection.alerts),
    rate('false a day', (f) => f.detection.falseIncidentsPerDay),
    rate('healthy and quiet', (f) => f.detection.quiet),
  ];
}

/** `0.93 [0.84, 0.98]`. */
export function figureText(figure: Figure): string {
  return intervalText(figure, (value) => value.toFixed(2), '');
}

/** `122 s [110, 135]`; minutes from ten minutes on. */
export function durationFigureText(figure: Figure): string {
  const inMinutes = (figure.value ?? 0) >= 600_000;
  const text = (ms: number): string =>
    inMinutes ? (ms / 60_000).toFixed(1) : String(Math.round(ms / 1000));
  return intervalText(figure, text, inMinutes ? ' m' : ' s');
}

function intervalText(
  { value, low, high }: Figure,
  text: (value: number) => string,
  unit: string,
): string {
  if (value === null) return missing;
  const interval = low === null || high === null ? '' : ` [${text(low)}, ${text(high)}]`;
  return `${text(value)}${unit}${interval}`;
}
