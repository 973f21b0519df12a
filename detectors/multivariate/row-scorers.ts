import { unknownNameError } from '../../core/tools/index.ts';
import { IsolationForest } from '../forest/isolation-forest.ts';
import { MlIsolationForest } from '../forest/ml-isolation-forest-adapter.ts';
import { createPointDetector } from '../univariate/point-methods.ts';
import { ColumnWise } from './column-wise.ts';
import { Ecod } from './ecod.ts';
import { ForestRows } from './forest-rows.ts';
import { FusedRows } from './fused-rows.ts';
import { HalfSpaceTrees } from './half-space-trees.ts';
import { PrincipalComponents } from './principal-components.ts';
import { RetrainOnDrift } from './retrain-on-drift.ts';
import type { RowDetector, RowScorer } from './row-model.ts';

type Create = (seed: number) => RowScorer;

/** Every scorer of rows by name; a new one is one line here. */
const creators: ReadonlyMap<string, Create> = new Map<string, Create>([
  ['default', () => createDefaultRows()],
  ['fused_rows', () => new FusedRows()],
  ['pca_spe_t2', () => new PrincipalComponents()],
  ['ecod', () => new Ecod()],
  ['half_space_trees', (seed) => new HalfSpaceTrees({ seed })],
  ['sub_pca', () => new ColumnWise(() => createPointDetector('sub_pca'))],
  ['isolation_forest', (seed) => new ForestRows(new IsolationForest({ seed }))],
  ['ml_isolation_forest', (seed) => new ForestRows(new MlIsolationForest({ seed }))],
]);

/** The default for rows of metrics: a fused model that is fitted again when the metrics drift. */
export function createDefaultRows(): RowDetector {
  return new RetrainOnDrift(() => new FusedRows());
}

/** The names {@link createRowScorer} knows. */
export const rowScorerNames: readonly string[] = [...creators.keys()];

/** A fresh scorer of rows of metrics; equal names and seeds (default 1) give equal scores. */
export function createRowScorer(name: string, options: { seed?: number } = {}): RowScorer {
  const create = creators.get(name);
  if (!create) throw unknownNameError('row scorer', name, rowScorerNames);
  return create(options.seed ?? 1);
}
