import type { KubernetesObject } from '../../core/observable/index.ts';
import type { TwinSpec } from '../../core/truth/index.ts';
import type { PodView } from '../../sim/cluster-view.ts';
import { type Conditions, createConditions } from '../../sim/conditions.ts';
import { ControlPlane } from '../../sim/control-plane/control-plane.ts';
import { DataPlane, type DataPlaneTick } from '../../sim/data-plane/data-plane.ts';
import type { FlowWindow } from '../../sim/data-plane/flow-state.ts';

/**
 * A control plane and a data plane that hold hands as in the twin; time 0 is two minutes after
 * boot.
 */
export class Stage {
  readonly conditions: Conditions = createConditions();
  readonly #control: ControlPlane;
  readonly #data: DataPlane;
  #nowMs = -120_000;

  constructor(spec: TwinSpec, objects: readonly KubernetesObject[]) {
    const { conditions } = this;
    const whole = { ...spec, objects };
    this.#control = new ControlPlane({ spec: whole, conditions, startMs: this.#nowMs });
    this.#data = new DataPlane({ spec: whole, seed: 7, conditions });
    while (this.#nowMs < 0) this.second();
    this.#data.closeWindow(0);
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  get pods(): readonly PodView[] {
    return this.#control.view.pods;
  }

  get desired(): number {
    return this.#control.view.workloads[0]!.desired;
  }

  second(): DataPlaneTick {
    this.#nowMs += 1000;
    this.#control.advance(this.#nowMs);
    const tick = this.#data.tick(this.#nowMs, this.#control.view);
    this.#control.reportVitals(tick.vitals);
    return tick;
  }

  closeWindow(): FlowWindow {
    return this.#data.closeWindow(this.#nowMs);
  }
}

/** Puts a factor on the user request rate from now on, in place of any earlier one. */
export function setLoad(conditions: Conditions, factor: number): void {
  conditions.loadFactors.length = 0;
  conditions.loadFactors.push({ journey: '*', factor, startMs: -1e12, rampMs: 0, endMs: null });
}
