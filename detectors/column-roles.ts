import type { SeriesIndex, SignalName, SignalSpec } from '../core/observable/index.ts';
import { signalSpec } from '../core/observable/index.ts';
import type { SignalGate } from './signal-gates.ts';
import { signalGate } from './signal-gates.ts';

/** What the default stack has to know of one column, worked out once. */
export interface ColumnRole {
  readonly spec: SignalSpec;
  readonly gate: SignalGate;
  /** +1: only rises matter, -1: only falls, 0: both. */
  readonly direction: number;
  /** Numbers the component among those seen. */
  readonly component: number;
  /** For error ratios: the column of the component's request rate, -1 without one. */
  readonly rateColumn: number;
  /** A user's symptom, another's, a node's readiness, memory, a mere counter, or anything else. */
  readonly evidence: 'user' | 'symptom' | 'node' | 'memory' | 'counter' | 'context';
}

const rateOf: Partial<Record<SignalName, SignalName>> = {
  user_error_ratio: 'user_request_rate',
  error_ratio: 'request_rate',
  edge_error_ratio: 'edge_request_rate',
};

/** The roles of a growing set of columns. */
export class ColumnRoles {
  readonly roles: ColumnRole[] = [];
  readonly #components = new Map<string, number>();
  readonly #rates = new Map<string, number>();

  get components(): number {
    return this.#components.size;
  }

  grow(index: SeriesIndex, columns: number): void {
    if (this.roles.length >= columns) return;
    for (let i = this.roles.length; i < columns; i += 1) {
      const { signal, component } = index.series[i]!;
      if (signalSpec(signal).unit === '1/s') this.#rates.set(`${signal} ${component}`, i);
    }
    for (let i = this.roles.length; i < columns; i += 1) {
      const { signal, component } = index.series[i]!;
      const known = this.#components.get(component);
      const number = known ?? this.#components.size;
      if (known === undefined) this.#components.set(component, number);
      const spec = signalSpec(signal);
      const rate = rateOf[signal];
      this.roles.push({
        spec,
        gate: signalGate(spec),
        direction: spec.badDirection === 'up' ? 1 : spec.badDirection === 'down' ? -1 : 0,
        component: number,
        rateColumn: rate ? (this.#rates.get(`${rate} ${component}`) ?? -1) : -1,
        evidence: evidenceOf(spec),
      });
    }
  }
}

function evidenceOf(spec: SignalSpec): ColumnRole['evidence'] {
  // One cold pod is enough to slow the slowest hundredth of requests: that only corroborates.
  const isTail = spec.name.endsWith('p99');
  if (spec.role === 'symptom') return spec.scope === 'user' && !isTail ? 'user' : 'symptom';
  if (spec.name === 'node_ready') return 'node';
  // What only ever grows has no level; restarts are few enough to count as steps.
  if (spec.role === 'load' && spec.name.endsWith('_total')) return 'counter';
  return spec.name === 'memory_utilization' ? 'memory' : 'context';
}
