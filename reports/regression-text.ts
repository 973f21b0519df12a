import { renderColumns } from '../core/tools/index.ts';
import type { GateVerdict, MeasureVerdict, RegressionReport } from '../core/truth/index.ts';
import type { JunitCase } from './junit.ts';
import { changeText, measureNames, measureText } from './measure-text.ts';
import { missing } from './number-text.ts';
import { alignRows, type Cell, clean, createPaint, type Paint } from './terminal-text.ts';

const headlines: Readonly<Record<GateVerdict, string>> = {
  passed: 'passed: nothing got worse by more than its margin',
  failed: 'FAILED: it got worse by more than a margin',
  inconclusive: 'inconclusive: these seeds do not tell',
};

/** The gate's verdict as text: every measure with its loss, margin and what would decide it. */
export function renderRegression(
  report: RegressionReport,
  options: { readonly color: boolean },
): string {
  const paint = createPaint(options.color);
  const { verdict, seeds, seedsMax, pairs, differing, firstDifference } = report;
  const weights = { passed: paint.good, failed: paint.bad, inconclusive: paint.warn };
  const lines = [
    `${paint.bold('regression')}  ${weights[verdict](headlines[verdict])}`,
    paint.dim(
      `${pairs} pairs of trials on ${seeds.length} of ${seedsMax} seeds; ${differing} differ in anything at all`,
    ),
    '',
    ...measureRows(report, paint),
    '',
  ];
  const more = Math.max(0, ...report.measures.map(({ moreSeeds }) => moreSeeds ?? 0));
  if (verdict === 'inconclusive' && more > 0) lines.push(moreText(more), '');
  if (firstDifference) {
    const { scenario, seed, what, replay } = firstDifference;
    lines.push(
      `first difference  ${paint.warn(clean(`${scenario} ${seed}`))}: ${clean(what)}`,
      `  ${paint.dim(clean(replay))}`,
    );
  } else if (differing === 0 && pairs > 0) {
    lines.push('every trial came out the same to the byte');
  } else lines.push('no trial differs in what is measured');
  lines.push(...report.notes.map((note) => paint.warn(clean(`note: ${note}`))));
  lines.push(`${paint.dim('replay')}  ${clean(report.replay)}`);
  return `\n${lines.map((line) => (line ? `  ${line}` : '')).join('\n')}\n\n`;
}

function moreText(more: number): string {
  return more >= 10_000
    ? 'more seeds will hardly help: the loss lies just at a margin'
    : `about ${more} more ${more === 1 ? 'seed' : 'seeds'} would decide: write a baseline with more --seeds`;
}

function measureRows({ measures }: RegressionReport, paint: Paint): readonly string[] {
  const head = [
    'measure',
    'baseline',
    'now',
    'loss (95 %)',
    'margin',
    'worse',
    'better',
    'detectable',
    '',
  ].map((text): Cell => ({ text, paint: paint.dim }));
  const weights = { passed: paint.good, failed: paint.bad, inconclusive: paint.warn };
  const body = measures.map((one): readonly Cell[] => {
    const { measure, verdict } = one;
    return [
      { text: measureNames[measure] },
      { text: measureText(measure, one.baseline) },
      { text: measureText(measure, one.current) },
      { text: changeText(measure, one.loss) },
      { text: measureText(measure, one.margin) },
      { text: String(one.worse), align: 'right' },
      { text: String(one.better), align: 'right' },
      { text: measureText(measure, one.minimumDetectableChange) },
      { text: verdict ?? 'not measured', ...(verdict && { paint: weights[verdict] }) },
    ];
  });
  return alignRows([head, ...body]);
}

/** The measures as JUnit cases: only a failed gate is a failure. */
export function regressionCases(report: RegressionReport): JunitCase[] {
  const { firstDifference, notes, replay } = report;
  const detail = [
    ...(firstDifference
      ? [
          `first difference: ${firstDifference.scenario} ${firstDifference.seed}: ${firstDifference.what}`,
          firstDifference.replay,
        ]
      : []),
    ...notes.map((note) => `note: ${note}`),
    replay,
  ].join('\n');
  return report.measures
    .filter(({ verdict }) => verdict !== null)
    .map((one) => ({
      className: `regression.${report.suite}`,
      name: measureNames[one.measure],
      seconds: 0,
      failure: one.verdict === 'failed' ? lossSentence(one) : null,
      detail: one.verdict === 'failed' ? detail : `${one.verdict}: ${lossSentence(one)}`,
    }));
}

function lossSentence({ measure, baseline, current, loss, margin }: MeasureVerdict): string {
  return (
    `${measureText(measure, baseline)}, now ${measureText(measure, current)}: ` +
    `loss ${changeText(measure, loss)}, margin ${measureText(measure, margin)}`
  );
}

/** How often the gate said what about drawn trials. */
export function renderGateSimulation(
  results: readonly {
    readonly plantedLoss: number;
    readonly churn: number;
    readonly repetitions: number;
    readonly verdicts: Readonly<Record<GateVerdict, number>>;
    readonly recallFailed: number;
    readonly meanSeeds: number;
    readonly seedsMax: number;
  }[],
): string {
  const rows = results.map((result) => [
    result.plantedLoss === 0 ? 'none' : `${(100 * result.plantedLoss).toFixed(0)} points of recall`,
    `${(100 * result.churn).toFixed(0)} %`,
    `${result.verdicts.failed} of ${result.repetitions}`,
    result.plantedLoss === 0 ? missing : `${result.recallFailed} of ${result.repetitions}`,
    `${result.verdicts.passed} of ${result.repetitions}`,
    `${result.verdicts.inconclusive} of ${result.repetitions}`,
    `${result.meanSeeds.toFixed(1)} of ${result.seedsMax}`,
  ]);
  return renderColumns(
    [
      'planted loss',
      'trials drawn afresh',
      'failed',
      'by recall',
      'passed',
      'inconclusive',
      'seeds',
    ],
    rows,
  );
}
