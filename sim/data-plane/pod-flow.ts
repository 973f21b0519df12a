import { assert } from '../../core/tools/index.ts';
import type { OperationSpec } from '../../core/truth/index.ts';
import type { PodView } from '../cluster-view.ts';
import type { LatencyLaw, OperationFlow, PodFlow } from './flow-state.ts';
import {
  errorRatioOf,
  type FlowSums,
  latencyLawOf,
  ownErrorRatioOf,
  ownLawOf,
  rejectRatioOf,
} from './flow-sums.ts';
import type { PodState } from './pod-state.ts';
import type { SlotSums } from './slot-sums.ts';

/** One pod over the window; its operations are worked out when asked for, before the next closes. */
export class WindowPod implements PodFlow {
  readonly pod: PodView;
  readonly cpuCores: number;
  readonly memoryBytes: number;
  readonly memoryMaxBytes: number;
  readonly throttledRatio: number;
  readonly inFlight: number;
  readonly requestsPerSec: number;
  readonly #slots: SlotSums;
  readonly #number: number;
  #operations: readonly OperationFlow[] | undefined;

  constructor(slots: SlotSums, { pod }: PodState, p: number) {
    const { index, sums } = slots;
    const ticks = Math.max(1, pod.sumTicks[p] as number);
    let requests = 0;
    for (let i = index.firstSlot[p] as number; i < (index.firstSlot[p + 1] as number); i += 1) {
      requests += sums.requests[i] as number;
    }
    this.pod = index.pods[p] as PodView;
    this.cpuCores = (pod.sumCpuCores[p] as number) / ticks;
    this.memoryBytes = pod.memoryBytes[p] as number;
    this.memoryMaxBytes = pod.maxMemoryBytes[p] as number;
    this.throttledRatio = (pod.sumThrottledRatio[p] as number) / ticks;
    this.inFlight = (pod.sumInFlight[p] as number) / ticks;
    this.requestsPerSec = requests / slots.seconds;
    this.#slots = slots;
    this.#number = p;
  }

  get operations(): readonly OperationFlow[] {
    if (this.#operations === undefined) {
      const { index, isOver } = this.#slots;
      const { firstSlot } = index;
      assert(!isOver, `operations of ${this.pod.name}: a later window has closed`);
      const operations: OperationFlow[] = [];
      const until = firstSlot[this.#number + 1] as number;
      for (let i = firstSlot[this.#number] as number; i < until; i += 1) {
        operations.push(new WindowOperation(this.#slots, i));
      }
      this.#operations = operations;
    }
    return this.#operations;
  }
}

/** One operation on one pod over the window; of thousands hardly any is ever asked for its laws. */
class WindowOperation implements OperationFlow {
  readonly operation: string;
  readonly requestsPerSec: number;
  readonly errorRatio: number;
  readonly #sums: FlowSums;
  readonly #slot: number;

  constructor({ graph, index, sums, seconds }: SlotSums, i: number) {
    this.operation = (graph.operations[index.slotOperation[i] as number] as OperationSpec).name;
    this.requestsPerSec = (sums.requests[i] as number) / seconds;
    this.errorRatio = errorRatioOf(sums, i);
    this.#sums = sums;
    this.#slot = i;
  }

  get ownErrorRatio(): number {
    return ownErrorRatioOf(this.#sums, this.#slot);
  }

  get rejectRatio(): number {
    return rejectRatioOf(this.#sums, this.#slot);
  }

  get ownLatency(): LatencyLaw {
    return ownLawOf(this.#sums, this.#slot);
  }

  get latency(): LatencyLaw {
    return latencyLawOf(this.#sums, this.#slot);
  }
}
