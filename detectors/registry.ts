import type { Detector } from '../core/observable/index.ts';
import { unknownNameError } from '../core/tools/index.ts';
import { BurnRate } from './burn-rate.ts';
import { DefaultStack } from './default-stack/default-stack.ts';
import { ForestDetector } from './forest/forest-detector.ts';
import { IsolationForest } from './forest/isolation-forest.ts';
import { MlIsolationForest } from './forest/ml-isolation-forest-adapter.ts';
import { JointDetector } from './joint-detector.ts';
import { Ecod } from './multivariate/ecod.ts';
import { HalfSpaceTrees } from './multivariate/half-space-trees.ts';
import { ModelForest } from './multivariate/model-forest.ts';
import { PrincipalComponents } from './multivariate/principal-components.ts';
import { ConstantDetector, RandomDetector } from './trivial-detectors.ts';
import { createPointDetector, pointDetectorNames, seasonOf } from './univariate/point-methods.ts';
import { PointwiseDetector } from './univariate/pointwise-detector.ts';
import { RobustZDetector } from './univariate/robust-z.ts';
import { SlidingZScoreDetector } from './univariate/sliding-z-score.ts';

type Create = (name: string, seed: number) => Detector;

/** A service is trained on 60 to 256 rows: no more mass than those, in fewer cells. */
const frameTrees = { depth: 8, windowRows: 60 } as const;

/** Every frame detector by name; a new one is one line here. */
const creators: ReadonlyMap<string, Create> = new Map<string, Create>([
  ['default', (name) => new DefaultStack(name)],
  ['z_score', (name) => new SlidingZScoreDetector(name)],
  ['robust_z', (name) => new RobustZDetector(name)],
  ['joint', (name) => new JointDetector(name, new RobustZDetector(name))],
  [
    'isolation_forest',
    (name, seed) =>
      new ForestDetector(name, (service) => new IsolationForest({ seed: seed + service })),
  ],
  [
    'ml_isolation_forest',
    (name, seed) =>
      new ForestDetector(name, (service) => new MlIsolationForest({ seed: seed + service })),
  ],
  ['pca', (name) => new ForestDetector(name, () => new ModelForest(new PrincipalComponents()))],
  ['ecod', (name) => new ForestDetector(name, () => new ModelForest(new Ecod()))],
  [
    'half_space_trees',
    (name, seed) =>
      new ForestDetector(
        name,
        (service) => new ModelForest(new HalfSpaceTrees({ ...frameTrees, seed: seed + service })),
      ),
  ],
  ['burn_rate', (name) => new BurnRate(name)],
  ...pointDetectorNames.map((method): [string, Create] => [
    method,
    (name) =>
      new PointwiseDetector(name, (signal) => createPointDetector(method, seasonOf(signal))),
  ]),
  ['three_sigma', (name) => new SlidingZScoreDetector(name, { windowPoints: 60 })],
  ['random', (name, seed) => new RandomDetector(name, seed)],
  ['constant', (name) => new ConstantDetector(name)],
]);

/** The names {@link createDetector} knows. */
export const detectorNames: readonly string[] = [...creators.keys()];

/** A fresh detector; equal names and seeds (default 1) give equal scores. */
export function createDetector(name: string, options: { seed?: number } = {}): Detector {
  const create = creators.get(name);
  if (!create) throw unknownNameError('detector', name, detectorNames);
  return create(name, options.seed ?? 1);
}
