import type { SeriesIndex, SignalName, SignalSpec } from '../../core/observable/index.ts';
import { signalSpec } from '../../core/observable/index.ts';
import { InputError } from '../../core/tools/index.ts';
import type { StatePart } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { signalGate } from './signal-gates.ts';

/** What the default stack has to know of a column's signal. */
export interface SignalRole {
  readonly spec: SignalSpec;
  /** A user's symptom, another's, a node's readiness, memory, a mere counter, or anything else. */
  readonly evidence: 'user' | 'symptom' | 'node' | 'memory' | 'counter' | 'context';
}

const rateOf: Partial<Record<SignalName, SignalName>> = {
  user_error_ratio: 'user_request_rate',
  error_ratio: 'request_rate',
  edge_error_ratio: 'edge_request_rate',
};

/** Where a role's row has what scores need of it; 1 for yes. */
export const roleField = {
  isCounter: 0,
  isState: 1,
  isCounted: 2,
  absolute: 3,
  relative: 4,
  direction: 5,
  isNode: 6,
} as const;
/** Numbers per role: a cache line. */
export const roleStride = 8;
/** Their numbers are bytes; signals are some sixty. */
const rolesMax = 256;

/** The roles of a growing set of columns, worked out once; columns of a signal share theirs. */
export class ColumnRoles implements StatePart {
  /** The columns of users' symptoms, of nodes' readiness, and of memory; rising. */
  readonly ofUsers: number[] = [];
  readonly ofNodes: number[] = [];
  readonly ofMemory: number[] = [];
  readonly #roles: SignalRole[] = [];
  readonly #roleNumbers = new Map<SignalName, number>();
  #components = new Map<string, number>();
  #rates = new Map<string, number>();
  #columns = 0;
  /** Restored, and not yet held against a frame. */
  #isRestored = false;
  #roleOf = new Uint8Array(0);
  #componentOf = new Int32Array(0);
  #rateColumnOf = new Int32Array(0);
  /** The roles once more, by number: who asks for every column looks for no objects. */
  readonly rows: Float64Array = new Float64Array(rolesMax * roleStride);

  /** The number of each column's role; valid until the next column. */
  get roleNumbers(): Uint8Array {
    return this.#roleOf;
  }

  /** For error ratios: the columns of the components' request rates, -1 without one. */
  get rateColumns(): Int32Array {
    return this.#rateColumnOf;
  }

  roleOf(column: number): SignalRole {
    return this.#roles[this.#roleOf[column]!]!;
  }

  /** Numbers the column's component among those seen. */
  componentOf(column: number): number {
    return this.#componentOf[column]!;
  }

  grow(index: SeriesIndex, columns: number): void {
    if (this.#isRestored) this.#compare(index);
    const from = this.#columns;
    if (from >= columns) return;
    this.#makeRoom(columns);
    for (let i = from; i < columns; i += 1) {
      const { signal, component } = index.series[i]!;
      if (signalSpec(signal).unit === '1/s') this.#rates.set(`${signal} ${component}`, i);
    }
    for (let i = from; i < columns; i += 1) {
      const { signal, component } = index.series[i]!;
      const known = this.#components.get(component);
      const number = known ?? this.#components.size;
      if (known === undefined) this.#components.set(component, number);
      const rate = rateOf[signal];
      this.#roleOf[i] = this.#roleNumberOf(signal);
      this.#componentOf[i] = number;
      this.#rateColumnOf[i] = rate ? (this.#rates.get(`${rate} ${component}`) ?? -1) : -1;
      this.#list(i);
    }
    this.#columns = columns;
  }

  writeState(writer: StateWriter): void {
    writer.integer(this.#columns);
    writer.texts(this.#roles.map(({ spec }) => spec.name));
    writer.texts([...this.#components.keys()]);
    writer.texts([...this.#rates.keys()]);
    writer.array(Int32Array.from(this.#rates.values()));
    writer.array(this.#roleOf);
    writer.array(this.#componentOf);
    writer.array(this.#rateColumnOf);
  }

  readState(reader: StateReader): void {
    this.#columns = reader.integer();
    this.#roles.length = 0;
    this.#roleNumbers.clear();
    for (const signal of reader.texts()) this.#roleNumberOf(signal as SignalName);
    this.#components = new Map(reader.texts().map((component, number) => [component, number]));
    const rates = reader.texts();
    const rateColumns = reader.int32s();
    this.#rates = new Map(rates.map((rate, i) => [rate, rateColumns[i]!]));
    this.#roleOf = reader.uint8s();
    this.#componentOf = reader.int32s();
    this.#rateColumnOf = reader.int32s();
    this.ofUsers.length = 0;
    this.ofNodes.length = 0;
    this.ofMemory.length = 0;
    for (let i = 0; i < this.#columns; i += 1) this.#list(i);
    this.#isRestored = true;
  }

  #list(column: number): void {
    const { evidence } = this.roleOf(column);
    if (evidence === 'user') this.ofUsers.push(column);
    if (evidence === 'node') this.ofNodes.push(column);
    if (evidence === 'memory') this.ofMemory.push(column);
  }

  /** A checkpoint goes on with the columns that it was taken with. */
  #compare({ series }: SeriesIndex): void {
    this.#isRestored = false;
    const components = [...this.#components.keys()];
    for (let i = 0; i < this.#columns; i += 1) {
      const expected = `${this.roleOf(i).spec.name} of ${components[this.#componentOf[i]!]}`;
      const actual = series[i] && `${series[i]!.signal} of ${series[i]!.component}`;
      if (actual === expected) continue;
      throw new InputError(`checkpoint: expected column ${i} to be ${expected}, got ${actual}`, {
        hint: 'give the frames the columns they had, in their order; new ones come at the end',
      });
    }
  }

  #roleNumberOf(signal: SignalName): number {
    const known = this.#roleNumbers.get(signal);
    if (known !== undefined) return known;
    const spec = signalSpec(signal);
    const direction = spec.badDirection === 'up' ? 1 : spec.badDirection === 'down' ? -1 : 0;
    const number = this.#roles.length;
    const isCounted = rateOf[signal] !== undefined;
    const evidence = evidenceOf(spec);
    const { absolute, relative } = signalGate(spec);
    this.#roles.push({ spec, evidence });
    const [isCounter, isNode] = [evidence === 'counter', evidence === 'node'];
    const isState = spec.role === 'state';
    this.rows.set(
      [+isCounter, +isState, +isCounted, absolute, relative, direction, +isNode],
      number * roleStride,
    );
    this.#roleNumbers.set(signal, number);
    return number;
  }

  #makeRoom(columns: number): void {
    if (columns <= this.#roleOf.length) return;
    const length = Math.max(columns, 2 * this.#roleOf.length);
    const roleOf = new Uint8Array(length);
    const componentOf = new Int32Array(length);
    const rateColumnOf = new Int32Array(length);
    roleOf.set(this.#roleOf);
    componentOf.set(this.#componentOf);
    rateColumnOf.set(this.#rateColumnOf);
    this.#roleOf = roleOf;
    this.#componentOf = componentOf;
    this.#rateColumnOf = rateColumnOf;
  }
}

function evidenceOf(spec: SignalSpec): SignalRole['evidence'] {
  // One cold pod is enough to slow the slowest hundredth of requests: that only corroborates.
  const isTail = spec.name.endsWith('p99');
  if (spec.role === 'symptom') return spec.scope === 'user' && !isTail ? 'user' : 'symptom';
  if (spec.name === 'node_ready') return 'node';
  // What only ever grows has no level; restarts are few enough to count as steps.
  if (spec.role === 'load' && spec.name.endsWith('_total')) return 'counter';
  return spec.name === 'memory_utilization' ? 'memory' : 'context';
}
