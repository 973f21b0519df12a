import type { MetricHistory, SeriesDescriptor } from '../core/observable/index.ts';
import { median } from '../core/tools/index.ts';
import type { Entity } from './entities.ts';
import { findPolicyMetric, type PolicyMetric, scaleOf } from './policy-metrics.ts';
import type { ComparisonOperator, ConditionTerm } from './policy-set.ts';

/** How far back the baseline looks that `threshold` stands for, and the fewest scrapes it needs. */
const baselineMs = 30 * 60_000;
const baselineScrapesMin = 10;
/** Of the scrapes in a `for` window this share must have values at all. */
const presentShareMin = 0.5;

export interface ConditionInput {
  readonly metrics: MetricHistory;
  readonly atMs: number;
  readonly entity: Entity;
  /** The rule's own `threshold:`, in the unit of the policy file; null: the recent baseline. */
  readonly threshold: number | null;
}

/**
 * Whether every term holds for the entity now. A term with a window needs scrapes that reach back
 * to the window's start; scrapes without a value count neither way while half of them have one.
 */
export function holds(terms: readonly ConditionTerm[], input: ConditionInput): boolean {
  return terms.every((term) => termHolds(term, input));
}

function termHolds(term: ConditionTerm, input: ConditionInput): boolean {
  const metric = findPolicyMetric(term.metric) as PolicyMetric;
  const limit = limitOf(term, metric, input);
  if (Number.isNaN(limit)) return false;
  const { metrics, atMs, entity } = input;
  const oldest = metrics.frames[0];
  if (!oldest || oldest.atMs > atMs - term.forMs) return false;
  const values = entityValues(metrics, metric, entity, atMs - term.forMs - 1, atMs);
  let present = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    if (!compare(value, term.operator, limit)) return false;
    present += 1;
  }
  return present > 0 && present >= values.length * presentShareMin;
}

function limitOf(term: ConditionTerm, metric: PolicyMetric, input: ConditionInput): number {
  if (term.limit.kind === 'constant') return term.limit.value;
  const { factor } = term.limit;
  if (input.threshold !== null) return input.threshold * scaleOf(metric) * factor;
  const untilMs = input.atMs - term.forMs - 1;
  const past = entityValues(input.metrics, metric, input.entity, untilMs - baselineMs, untilMs);
  const known = past.filter((value) => !Number.isNaN(value));
  return known.length < baselineScrapesMin ? Number.NaN : median(known) * factor;
}

function compare(value: number, operator: ComparisonOperator, limit: number): boolean {
  switch (operator) {
    case '>':
      return value > limit;
    case '>=':
      return value >= limit;
    case '<':
      return value < limit;
    case '<=':
      return value <= limit;
    case '==':
      return value === limit;
    case '!=':
      return value !== limit;
  }
}

/** One number per scrape in (fromMs, untilMs]: the metric over all series of the entity. */
function entityValues(
  metrics: MetricHistory,
  metric: PolicyMetric,
  entity: Entity,
  fromMs: number,
  untilMs: number,
): Float64Array {
  if (metric.isFlag) return healthCheckFailed(metrics, entity, fromMs, untilMs);
  const columns = columnsOf(metrics, metric, entity);
  return reduceColumns(metrics, columns, metric.reduce, fromMs, untilMs);
}

/** 1 where a deployment lacks ready replicas, a pod is not ready or a node is not; else 0. */
function healthCheckFailed(
  metrics: MetricHistory,
  entity: Entity,
  fromMs: number,
  untilMs: number,
): Float64Array {
  const read = (name: string): Float64Array => {
    const metric = findPolicyMetric(name) as PolicyMetric;
    return reduceColumns(
      metrics,
      columnsOf(metrics, metric, entity),
      metric.reduce,
      fromMs,
      untilMs,
    );
  };
  if (entity.kind !== 'deployment') return read('node_ready').map((ready) => 1 - ready);
  const ready = read('replicas_ready');
  const desired = read('replicas_desired');
  const podReady = read('pod_ready');
  return podReady.map((pod, i) => {
    if ((ready[i] as number) < (desired[i] as number) || pod === 0) return 1;
    return Number.isNaN(pod) && Number.isNaN(ready[i]) ? Number.NaN : 0;
  });
}

function columnsOf(
  metrics: MetricHistory,
  metric: PolicyMetric,
  entity: Entity,
): readonly number[] {
  const { signal, scope } = metric;
  if (scope === 'user') return metrics.columns({ signal });
  if (scope === 'service' && entity.kind === 'deployment') {
    return metrics.columns({ signal, component: `service/${entity.name}` });
  }
  const label = entity.kind === 'deployment' ? 'service' : entity.kind;
  return metrics.columns({ signal }).filter((column) => {
    const series: SeriesDescriptor = metrics.series(column);
    return series.labels[label] === entity.name || series.component === `${label}/${entity.name}`;
  });
}

function reduceColumns(
  metrics: MetricHistory,
  columns: readonly number[],
  how: PolicyMetric['reduce'],
  fromMs: number,
  untilMs: number,
): Float64Array {
  const scrapes = metrics.values(0, fromMs, untilMs).length;
  const reduced = new Float64Array(scrapes).fill(Number.NaN);
  const counts = new Float64Array(scrapes);
  for (const column of columns) {
    const values = metrics.values(column, fromMs, untilMs);
    for (let i = 0; i < scrapes; i += 1) {
      const value = values[i] as number;
      if (Number.isNaN(value)) continue;
      const sofar = reduced[i] as number;
      counts[i] = (counts[i] as number) + 1;
      if (Number.isNaN(sofar)) reduced[i] = value;
      else if (how === 'mean') reduced[i] = sofar + (value - sofar) / (counts[i] as number);
      else reduced[i] = how === 'max' ? Math.max(sofar, value) : Math.min(sofar, value);
    }
  }
  return reduced;
}
