import { assert } from '../../core/tools/index.ts';
import type { OperationSpec } from '../../core/truth/index.ts';
import type { PodView } from '../cluster-view.ts';
import { type Columns, createColumns } from './columns.ts';
import type { LatencyLaw, OperationFlow, PodFlow } from './flow-state.ts';
import {
  type OwnSums,
  slotErrorRatioOf,
  slotOwnErrorRatioOf,
  slotOwnLawOf,
  slotRejectRatioOf,
  slotRequestsOf,
} from './own-sums.ts';
import type { PodState } from './pod-state.ts';
import type { SlotSums } from './slot-sums.ts';

const gaugeFields = [
  'cpuCores',
  'memoryBytes',
  'memoryMaxBytes',
  'throttledRatio',
  'inFlight',
  'requestsPerSec',
] as const;

/** What the pods of a window used, and what came to them. */
export type PodGauges = Columns<(typeof gaugeFields)[number]>;

export function readGauges({ index, sums, seconds }: SlotSums, { pod }: PodState): PodGauges {
  const gauges = createColumns(gaugeFields, index.pods.length);
  gauges.memoryBytes.set(pod.memoryBytes);
  gauges.memoryMaxBytes.set(pod.maxMemoryBytes);
  for (let p = 0; p < index.pods.length; p += 1) {
    const ticks = Math.max(1, pod.sumTicks[p] as number);
    let requests = 0;
    for (let i = index.firstSlot[p] as number; i < (index.firstSlot[p + 1] as number); i += 1) {
      requests += slotRequestsOf(sums, i);
    }
    gauges.cpuCores[p] = (pod.sumCpuCores[p] as number) / ticks;
    gauges.throttledRatio[p] = (pod.sumThrottledRatio[p] as number) / ticks;
    gauges.inFlight[p] = (pod.sumInFlight[p] as number) / ticks;
    gauges.requestsPerSec[p] = requests / seconds;
  }
  return gauges;
}

/**
 * One pod over the window; its operations are worked out when asked for, before the next closes.
 */
export class WindowPod implements PodFlow {
  readonly pod: PodView;
  readonly #slots: SlotSums;
  readonly #gauges: PodGauges;
  readonly #number: number;

  constructor(slots: SlotSums, gauges: PodGauges, p: number) {
    this.pod = slots.index.pods[p] as PodView;
    this.#slots = slots;
    this.#gauges = gauges;
    this.#number = p;
  }

  get cpuCores(): number {
    return this.#gauges.cpuCores[this.#number] as number;
  }

  get memoryBytes(): number {
    return this.#gauges.memoryBytes[this.#number] as number;
  }

  get memoryMaxBytes(): number {
    return this.#gauges.memoryMaxBytes[this.#number] as number;
  }

  get throttledRatio(): number {
    return this.#gauges.throttledRatio[this.#number] as number;
  }

  get inFlight(): number {
    return this.#gauges.inFlight[this.#number] as number;
  }

  get requestsPerSec(): number {
    return this.#gauges.requestsPerSec[this.#number] as number;
  }

  get operations(): readonly OperationFlow[] {
    const { firstSlot } = this.#slots.index;
    const count = (firstSlot[this.#number + 1] as number) - (firstSlot[this.#number] as number);
    return Array.from(
      { length: count },
      (_, position) => this.operationAt(position) as OperationFlow,
    );
  }

  operationAt(position: number): OperationFlow | undefined {
    const { index, isOver } = this.#slots;
    assert(!isOver, `operations of ${this.pod.name}: a later window has closed`);
    const i = (index.firstSlot[this.#number] as number) + position;
    if (i >= (index.firstSlot[this.#number + 1] as number)) return undefined;
    return new WindowOperation(this.#slots, i);
  }
}

/** One operation on one pod over the window; of thousands hardly any is ever asked for its laws. */
class WindowOperation implements OperationFlow {
  readonly operation: string;
  readonly requestsPerSec: number;
  readonly errorRatio: number;
  readonly #sums: OwnSums;
  readonly #slot: number;

  constructor({ graph, index, sums, seconds }: SlotSums, i: number) {
    this.operation = (graph.operations[index.slotOperation[i] as number] as OperationSpec).name;
    this.requestsPerSec = slotRequestsOf(sums, i) / seconds;
    this.errorRatio = slotErrorRatioOf(sums, i);
    this.#sums = sums;
    this.#slot = i;
  }

  get ownErrorRatio(): number {
    return slotOwnErrorRatioOf(this.#sums, this.#slot);
  }

  get rejectRatio(): number {
    return slotRejectRatioOf(this.#sums, this.#slot);
  }

  get ownLatency(): LatencyLaw {
    return slotOwnLawOf(this.#sums, this.#slot);
  }
}
