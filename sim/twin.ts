import {
  type ClusterApi,
  type MetricsFrame,
  scrapeIntervalMs,
  type Telemetry,
  type Topology,
} from '../core/observable/index.ts';
import { assert } from '../core/tools/index.ts';
import type { Fault, TwinSpec } from '../core/truth/index.ts';
import { type Conditions, copyConditions, createConditions } from './conditions.ts';
import type { TruthLog, Twin } from './contract.ts';
import { ControlPlane } from './control-plane/control-plane.ts';
import { DataPlane } from './data-plane/data-plane.ts';
import { EverydayHappenings } from './faults/everyday-happenings.ts';
import { FaultSchedule } from './faults/fault-schedule.ts';
import { applyProcedures } from './runbook/apply-procedures.ts';
import { TelemetryPipeline } from './telemetry/telemetry-pipeline.ts';

const tickMs = 1000;

export interface TwinOptions {
  readonly spec: TwinSpec;
  readonly topology: Topology;
  readonly seed: number;
  /**
   * Virtual start, ms before the measured run (negative or zero), a multiple of the scrape
   * interval.
   */
  readonly startMs: number;
  readonly telemetry: boolean;
  /** User requests traced per scrape; 40 unless given. */
  readonly tracesPerScrape?: number;
  /**
   * Traced requests fare alike with and without a fault until it hits them, so that forks can be
   * compared request by request; false unless given.
   */
  readonly pairedWalks?: boolean;
}

/** Builds a twin whose cluster has just been created; it needs some virtual minutes to start up. */
export function createTwin(options: TwinOptions): Twin {
  const { spec, topology, seed, startMs, telemetry, tracesPerScrape, pairedWalks } = options;
  assert(
    startMs % scrapeIntervalMs === 0,
    `startMs must be a multiple of ${scrapeIntervalMs}, got ${startMs}`,
  );
  const conditions = createConditions();
  return new TwinWorld({
    spec,
    topology,
    conditions,
    nowMs: startMs,
    control: new ControlPlane({ spec, conditions, startMs }),
    data: new DataPlane({ spec, seed, conditions }),
    pipeline: new TelemetryPipeline({
      spec,
      seed,
      scrapeIntervalMs,
      conditions,
      ...(tracesPerScrape === undefined ? {} : { tracesPerScrape }),
      ...(pairedWalks === undefined ? {} : { pairedWalks }),
    }),
    schedule: new FaultSchedule(),
    everyday: new EverydayHappenings(options),
    truth: {
      journeys: spec.journeys.map((j) => j.name),
      services: spec.services.map((s) => s.name),
      startMs,
      user: [],
      service: [],
    },
    telemetry,
  });
}

interface Parts {
  readonly spec: TwinSpec;
  readonly topology: Topology;
  readonly conditions: Conditions;
  readonly nowMs: number;
  readonly control: ControlPlane;
  readonly data: DataPlane;
  readonly pipeline: TelemetryPipeline;
  readonly schedule: FaultSchedule;
  readonly everyday: EverydayHappenings;
  readonly truth: TruthLog;
  readonly telemetry: boolean;
}

class TwinWorld implements Twin {
  readonly scrapeIntervalMs = scrapeIntervalMs;
  readonly #parts: Parts;
  #nowMs: number;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#nowMs = parts.nowMs;
  }

  get topology(): Topology {
    return this.#parts.topology;
  }

  get cluster(): ClusterApi {
    return this.#parts.control.api;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  get truth(): TruthLog {
    return this.#parts.truth;
  }

  /** Time passes in whole ticks: goes on to the first that ends at or after `untilMs`. */
  async advance(untilMs: number): Promise<Telemetry> {
    const fromMs = this.#nowMs;
    const parts: Telemetry[] = [];
    while (this.#nowMs < untilMs) {
      await this.#tick();
      if (this.#nowMs % scrapeIntervalMs === 0) this.#scrape(parts);
    }
    return joinTelemetry(fromMs, this.#nowMs, parts);
  }

  schedule(faults: readonly Fault[]): void {
    for (const fault of faults) {
      assert(
        fault.startMs >= this.#nowMs,
        `fault at ${fault.startMs} ms lies before now, ${this.#nowMs} ms`,
      );
    }
    this.#parts.schedule.add(faults);
  }

  async rollBack(): Promise<void> {
    await this.#parts.schedule.rollBack(this.#context());
    this.#parts.control.refreshConditions();
  }

  exogenousDigest(): string {
    return this.#parts.data.exogenousDigest();
  }

  fork({ faults, telemetry }: { faults: 'keep' | 'drop'; telemetry: boolean }): Twin {
    const { spec, topology, control, data, pipeline, schedule, everyday, truth } = this.#parts;
    const conditions = copyConditions(this.#parts.conditions);
    return new TwinWorld({
      spec,
      topology,
      conditions,
      nowMs: this.#nowMs,
      control: control.fork(conditions),
      data: data.fork(conditions),
      pipeline: pipeline.fork(conditions),
      schedule: schedule.fork(faults),
      everyday: everyday.fork(),
      truth: { ...truth, user: [...truth.user], service: [...truth.service] },
      telemetry,
    });
  }

  async #tick(): Promise<void> {
    const { control, data, schedule, everyday, truth } = this.#parts;
    const due = everyday.due(this.#nowMs);
    if (due.length > 0) schedule.add(due);
    if (await schedule.play(this.#context())) control.refreshConditions();
    this.#nowMs += tickMs;
    control.advance(this.#nowMs);
    this.#carryOutProcedures();
    const { user, service, vitals } = data.tick(this.#nowMs, control.view);
    control.reportVitals(vitals);
    truth.user.push(user);
    truth.service.push(service);
  }

  #carryOutProcedures(): void {
    const { spec, conditions, control } = this.#parts;
    const procedures = control.drainProcedures();
    if (procedures.length === 0) return;
    applyProcedures(procedures, { spec, conditions, nowMs: this.#nowMs });
    control.refreshConditions();
  }

  #scrape(parts: Telemetry[]): void {
    const { control, data, pipeline, telemetry } = this.#parts;
    const events = control.drainEvents();
    const changes = control.drainChanges();
    if (telemetry) {
      parts.push(pipeline.collect(data.closeWindow(this.#nowMs), control.view, events, changes));
    } else data.dropWindow(this.#nowMs);
  }

  #context(): Parameters<FaultSchedule['play']>[0] {
    const { spec, conditions, control } = this.#parts;
    const { api: cluster, view, configVersion } = control;
    return { spec, conditions, cluster, view, configVersion, nowMs: this.#nowMs };
  }
}

function joinTelemetry(fromMs: number, untilMs: number, parts: readonly Telemetry[]): Telemetry {
  const frames: MetricsFrame[] = parts.flatMap((part) => [...part.frames]);
  return {
    fromMs,
    untilMs,
    frames,
    logs: parts.flatMap((part) => part.logs),
    spans: parts.flatMap((part) => part.spans),
    events: parts.flatMap((part) => part.events),
    changes: parts.flatMap((part) => part.changes),
  };
}
