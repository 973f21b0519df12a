import { createStream, mean } from '../../core/tools/index.ts';
import { type Forest, IsolationForest, MlIsolationForest, mapRows } from '../../detectors/index.ts';
import { averagePrecision } from '../statistics/detection-curves.ts';
import { type BenchOptions, type BenchRow, row } from './bench-row.ts';

const rowsPerSet = 20_000;
const columns = 8;
const anomalousShare = 0.01;
const sets = 3;

/**
 * Our isolation forest beside ml-isolation-forest on the same rows, both as they come: how much
 * faster it is fitted, its cut included, and the average precision of both on these rows.
 */
export function measureForests({ cpuMs }: BenchOptions): BenchRow[] {
  const ratios: number[] = [];
  const precisions = { ours: [] as number[], package: [] as number[] };
  for (let set = 1; set <= sets; set += 1) {
    const { data, labels } = drawRows(set);
    const trainMs = (forest: Forest): number => {
      const startedMs = cpuMs();
      forest.train(data, columns);
      return cpuMs() - startedMs;
    };
    const precisionOf = (forest: Forest): number =>
      averagePrecision(
        mapRows(data, columns, (values) => forest.predict(values)),
        labels,
      );
    const [ours, theirs] = [
      new IsolationForest({ seed: set }),
      new MlIsolationForest({ seed: set }),
    ];
    const oursMs = trainMs(ours);
    ratios.push(trainMs(theirs) / oursMs);
    precisions.ours.push(precisionOf(ours));
    precisions.package.push(precisionOf(theirs));
  }
  return [
    row('iforest_fit_speedup', mean(ratios), 'x', 'higher'),
    row('iforest_average_precision', mean(precisions.ours), 'AP', 'higher'),
    row('ml_iforest_average_precision', mean(precisions.package), 'AP', 'higher'),
  ];
}

/**
 * Two dense clouds; one row in a hundred is off: half of them far and wide, half between the two.
 */
function drawRows(seed: number): { data: Float64Array; labels: Uint8Array } {
  const stream = createStream(seed, 'bench-forest');
  const labels = new Uint8Array(rowsPerSet);
  const data = new Float64Array(rowsPerSet * columns);
  for (let i = 0; i < rowsPerSet; i += 1) {
    const isOff = stream.next() < anomalousShare;
    const half = stream.next() < 0.5;
    labels[i] = isOff ? 1 : 0;
    const [centre, spread] = isOff ? (half ? [2.5, 3] : [2.5, 0.5]) : half ? [0, 1] : [5, 0.5];
    for (let k = 0; k < columns; k += 1)
      data[i * columns + k] = centre! + spread! * stream.normal();
  }
  return { data, labels };
}
