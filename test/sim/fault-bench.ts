/** Conditions, control plane and schedule alone: what faults touch, without the cost of traffic. */
import { type Conditions, copyConditions, createConditions } from '../../sim/conditions.ts';
import { ControlPlane } from '../../sim/control-plane/control-plane.ts';
import { FaultSchedule } from '../../sim/faults/fault-schedule.ts';
import { boutique } from './boutique.ts';

const bootMs = -60_000;

export class FaultBench {
  readonly conditions: Conditions;
  readonly schedule: FaultSchedule;
  readonly control: ControlPlane;
  #nowMs: number;

  private constructor(
    parts: Pick<FaultBench, 'conditions' | 'schedule' | 'control'>,
    nowMs: number,
  ) {
    this.conditions = parts.conditions;
    this.schedule = parts.schedule;
    this.control = parts.control;
    this.#nowMs = nowMs;
  }

  /** At time 0, a minute after the boot. */
  static create(): FaultBench {
    const conditions = createConditions();
    const control = new ControlPlane({ spec: boutique, conditions, startMs: bootMs });
    control.advance(0);
    return new FaultBench({ conditions, schedule: new FaultSchedule(), control }, 0);
  }

  fork(faults: 'keep' | 'drop' = 'keep'): FaultBench {
    const conditions = copyConditions(this.conditions);
    const control = this.control.fork(conditions);
    const schedule = this.schedule.fork(faults);
    return new FaultBench({ conditions, control, schedule }, this.#nowMs);
  }

  /** Second by second, as the twin does it. */
  async play(untilMs: number): Promise<this> {
    while (this.#nowMs < untilMs) {
      if (await this.schedule.play(this.#context())) this.control.refreshConditions();
      this.#nowMs += 1000;
      this.control.advance(this.#nowMs);
    }
    return this;
  }

  async rollBack(): Promise<void> {
    await this.schedule.rollBack(this.#context());
    this.control.refreshConditions();
  }

  async image(workload: string): Promise<string> {
    const ref = { kind: 'Deployment', namespace: 'default', name: workload } as const;
    const answer = await this.control.api.get(ref);
    if (!answer.ok) throw new Error(answer.status.message);
    return answer.object.spec?.template.spec?.containers[0]?.image ?? '';
  }

  #context(): Parameters<FaultSchedule['play']>[0] {
    const { conditions, control } = this;
    const { api: cluster, view, configVersion } = control;
    return { spec: boutique, conditions, cluster, view, configVersion, nowMs: this.#nowMs };
  }
}

/** All orders of the numbers below `count`. */
export function ordersOf(count: number): number[][] {
  if (count === 0) return [[]];
  return ordersOf(count - 1).flatMap((rest) =>
    Array.from({ length: count }, (_, at) => rest.toSpliced(at, 0, count - 1)),
  );
}
