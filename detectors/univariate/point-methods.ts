import { isSignalName, signalSpec } from '../../core/observable/index.ts';
import { unknownNameError } from '../../core/tools/index.ts';
import { ArimaStep } from './arima-step.ts';
import { BatchStl } from './batch-stl.ts';
import { Bocpd } from './bocpd.ts';
import { CalibratedPoint } from './calibrated-point.ts';
import { Cusum } from './cusum.ts';
import { EwmaChart } from './ewma-chart.ts';
import { HoltWinters } from './holt-winters.ts';
import { LeftMatrixProfile } from './left-matrix-profile.ts';
import { OnlineStl } from './online-stl.ts';
import { PageHinkley } from './page-hinkley.ts';
import type { PointStatistic } from './point-statistic.ts';
import { dailySeason, type Season, weeklySeason } from './season-slots.ts';
import { SpectralResidual } from './spectral-residual.ts';
import { Spot } from './spot.ts';
import { SubPca } from './sub-pca.ts';

interface PointMethod {
  readonly create: (season: Season) => PointStatistic;
  /** No value makes its statistic exceed some maximum. */
  readonly isBounded?: boolean;
}

const driftPoints = 60;

const methods: ReadonlyMap<string, PointMethod> = new Map<string, PointMethod>([
  ['ewma', { create: () => new EwmaChart(), isBounded: true }],
  ['holt_winters', { create: (season) => new HoltWinters({ season }) }],
  ['online_stl', { create: (season) => new OnlineStl({ season }) }],
  ['arima', { create: () => new ArimaStep() }],
  ['spot', { create: () => new Spot() }],
  ['dspot', { create: () => new Spot({ driftPoints }) }],
  ['cusum', { create: () => new Cusum(), isBounded: true }],
  ['page_hinkley', { create: () => new PageHinkley(), isBounded: true }],
  ['bocpd', { create: () => new Bocpd() }],
  ['spectral_residual', { create: () => new SpectralResidual() }],
  ['left_matrix_profile', { create: () => new LeftMatrixProfile(), isBounded: true }],
  ['sub_pca', { create: () => new SubPca() }],
  ['batch_stl', { create: () => new BatchStl() }],
]);

/** The names {@link createPointDetector} knows. */
export const pointDetectorNames: readonly string[] = [...methods.keys()];

/** A fresh univariate detector, its scores in -log10 p. */
export function createPointDetector(name: string, season: Season = dailySeason): CalibratedPoint {
  const method = methods.get(name);
  if (!method) throw unknownNameError('point detector', name, pointDetectorNames);
  const { create, isBounded = false } = method;
  return new CalibratedPoint(name, create(season), { isBounded });
}

/**
 * The season of a group of metrics: what people ask for, and what they feel of it, has working
 * weeks; resources and states follow the day's batch work.
 */
export function seasonOf(signal: string): Season {
  if (!isSignalName(signal)) return dailySeason;
  const { role } = signalSpec(signal);
  return role === 'load' || role === 'symptom' ? weeklySeason : dailySeason;
}
