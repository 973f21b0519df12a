import type { Detector, PodPlacement, Telemetry } from '../core/observable/index.ts';
import { RunningDigest } from '../core/tools/index.ts';
import type { LabEvent, RunRecord } from '../core/truth/index.ts';
import { createHealer, Guard } from '../healers/index.ts';
import { createLocalizer } from '../rca/index.ts';
import { createTwin, type Twin } from '../sim/index.ts';
import { Baselines } from './baselines.ts';
import { loadDetector } from './custom-detector/load-detector.ts';
import { type EpisodeOptions, InterruptedError } from './episode-options.ts';
import { wasHarmful } from './harm.ts';
import { HealingLoop } from './loop.ts';
import { readPlacements } from './placements.ts';
import { checkSteadyState } from './steady-state.ts';

/** The counterfactual pair, and what the world looked like when the fault struck. */
interface Branches {
  readonly unhealed: Twin;
  readonly noFault: Twin;
  readonly podsAtInjection: readonly PodPlacement[];
}

export interface HealedRun {
  readonly twin: Twin;
  readonly loop: HealingLoop;
  readonly branches: Branches;
  readonly faultEvents: readonly LabEvent[];
  /** When the actions were played that did harm. */
  readonly harmfulAtMs: readonly number[];
  readonly baselines: RunRecord['baselines'];
  readonly telemetryDigest: string;
  readonly counts: { readonly points: number; readonly logs: number; readonly spans: number };
}

/** Plays warm-up and the measured run with the whole loop at work, and branches the pair off. */
export async function playHealed(options: EpisodeOptions): Promise<HealedRun> {
  const { scenario, worldSeed: seed, faults, ambient } = options.episode;
  const { spec, topology } = options;
  const twin = createTwin({ spec, topology, seed, startMs: -scenario.warmUpMs, telemetry: true });
  twin.schedule([...ambient, ...faults]);
  const { callModule } = options;
  const detector = await loadDetector(options.detector, {
    seed,
    ...(callModule && { callModule }),
  });
  const run = new Run(options, twin, detector);
  const firstFaultMs = Math.min(...faults.map((fault) => fault.startMs));
  const forkAtMs = Math.floor(firstFaultMs / twin.scrapeIntervalMs) * twin.scrapeIntervalMs;
  try {
    for (let atMs = twin.nowMs; atMs < scenario.durationMs; ) {
      if (atMs === (faults.length > 0 ? forkAtMs : 0)) {
        await checkSteadyState(await run.untouchedTwin());
      }
      if (atMs === forkAtMs) await run.branchOff();
      atMs += twin.scrapeIntervalMs;
      await run.step(atMs);
      if (options.onProgress) {
        await options.onProgress(
          (atMs + scenario.warmUpMs) / (scenario.durationMs + scenario.warmUpMs),
        );
      }
      if (options.signal?.aborted) throw new InterruptedError();
    }
  } finally {
    await twin.rollBack();
  }
  return run.result();
}

class Run {
  readonly #options: EpisodeOptions;
  readonly #twin: Twin;
  readonly #loop: HealingLoop;
  readonly #baselines: Baselines;
  readonly #digest = new RunningDigest();
  readonly #counts = { points: 0, logs: 0, spans: 0 };
  readonly #harmfulAtMs: number[] = [];
  #branches: Branches | null = null;
  /** The world as it goes on without the healer, from the first action on. */
  #untouched: Twin | null = null;
  #beforeActions: Twin | null = null;

  constructor(options: EpisodeOptions, twin: Twin, detector: Detector) {
    const { seed } = options.episode;
    this.#options = options;
    this.#twin = twin;
    this.#baselines = new Baselines(options.topology, seed);
    this.#loop = new HealingLoop({
      world: twin,
      detector,
      localizer: createLocalizer(options.localizer),
      healer: createHealer(options.healer.name, { policies: options.healer.policies, seed }),
      guard: new Guard({ policies: options.healer.policies }),
      baselines: this.#baselines,
      beforeActions: () => {
        this.#beforeActions = twin.fork({ faults: 'keep', telemetry: false });
        this.#untouched ??= this.#beforeActions.fork({ faults: 'keep', telemetry: false });
      },
    });
  }

  /** The present instant of a world in which the healer has never acted. */
  async untouchedTwin(): Promise<Twin> {
    if (this.#untouched === null) return this.#twin;
    await this.#untouched.advance(this.#twin.nowMs);
    return this.#untouched;
  }

  /** Forks the counterfactual pair off a world that no early action has touched. */
  async branchOff(): Promise<void> {
    const untouched = await this.untouchedTwin();
    this.#branches = {
      unhealed: untouched.fork({ faults: 'keep', telemetry: false }),
      noFault: untouched.fork({ faults: 'drop', telemetry: false }),
      podsAtInjection: await readPlacements(untouched.cluster, untouched.topology),
    };
  }

  async step(untilMs: number): Promise<void> {
    const telemetry = await this.#loop.advance(untilMs);
    if (untilMs > 0) this.#record(telemetry);
    const before = this.#beforeActions;
    if (before === null) return;
    this.#beforeActions = null;
    if (await wasHarmful(before, this.#twin)) this.#harmfulAtMs.push(untilMs);
  }

  result(): HealedRun {
    return {
      twin: this.#twin,
      loop: this.#loop,
      // Without a fault the pair is one run, and the healed one itself when nothing was done in it.
      branches: this.#branches ?? {
        unhealed: this.#untouched ?? this.#twin,
        noFault: this.#untouched ?? this.#twin,
        podsAtInjection: [],
      },
      faultEvents: this.#faultEvents(),
      harmfulAtMs: this.#harmfulAtMs,
      telemetryDigest: this.#digest.hex(),
      baselines: this.#baselines.result(),
      counts: this.#counts,
    };
  }

  #faultEvents(): LabEvent[] {
    const { faults, scenario } = this.#options.episode;
    return faults.flatMap((fault): LabEvent[] => [
      { type: 'fault_injected', atMs: fault.startMs, fault },
      {
        type: 'fault_rolled_back',
        atMs: fault.durationMs === null ? scenario.durationMs : fault.startMs + fault.durationMs,
        fault,
      },
    ]);
  }

  #record(telemetry: Telemetry): void {
    for (const frame of telemetry.frames) {
      this.#counts.points += frame.values.length;
      this.#digest.addValues(frame.values);
    }
    this.#counts.logs += telemetry.logs.length;
    this.#counts.spans += telemetry.spans.length;
    for (const log of telemetry.logs) this.#digest.addText(`${log.atMs} ${log.body}`);
    for (const span of telemetry.spans) {
      this.#digest.addText(`${span.spanId} ${span.operation} ${span.durationMs}`);
    }
    for (const event of telemetry.events) this.#digest.addText(`${event.atMs} ${event.message}`);
    for (const change of telemetry.changes)
      this.#digest.addText(`${change.atMs} ${change.summary}`);
    this.#options.onTelemetry?.(telemetry);
  }
}
