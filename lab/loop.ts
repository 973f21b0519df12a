import {
  type Action,
  type ActionOutcome,
  type ChangeEvent,
  type ClusterEvent,
  type Detector,
  type Diagnosis,
  type Evidence,
  type Healer,
  type HealerContext,
  type Incident,
  type Localizer,
  type LogEvidence,
  type LogRecord,
  MetricHistory,
  type MetricsFrame,
  type Plan,
  type PodPlacement,
  type Span,
  type Telemetry,
  type World,
} from '../core/observable/index.ts';
import type { LabEvent } from '../core/truth/index.ts';
import { IncidentTracker, judgeFrame, LogWatcher } from '../detectors/index.ts';
import { AuditLog, Executor, type Guard } from '../healers/index.ts';
import type { Baselines } from './baselines.ts';
import { readPlacements } from './placements.ts';
import { AlarmLevels } from './score/alarm-levels.ts';

/** How far back logs, spans, events and changes are evidence, and how much of a run they keep. */
const evidenceMs = 15 * 60_000;
/** An open incident is diagnosed again at every scrape for this long, then only when it changes. */
const freshIncidentMs = 3 * 60_000;
/** What logs showed this long before an incident is told beside it. */
const logsBeforeMs = 3 * 60_000;

export interface LoopParts {
  readonly world: World;
  readonly detector: Detector;
  readonly localizer: Localizer;
  readonly healer: Healer;
  readonly guard: Guard;
  /** Look at the same run; absent where only speed is measured. */
  readonly baselines?: Baselines;
  /** Told right before the first allowed action of a scrape is played. */
  readonly beforeActions: () => void;
}

/** What an operator's stack does with a world, scrape by scrape: detect, diagnose, decide, act. */
export class HealingLoop {
  readonly events: LabEvent[] = [];
  readonly changes: ChangeEvent[] = [];
  readonly alarmLevels: AlarmLevels = new AlarmLevels();
  readonly history: MetricHistory = new MetricHistory();
  readonly logs: RecentList<LogRecord> = new RecentList<LogRecord>((log) => log.atMs);
  readonly spans: RecentList<Span> = new RecentList<Span>((span) => span.startMs);
  readonly #clusterEvents = new RecentList<ClusterEvent>((event) => event.atMs);
  readonly #recentChanges = new RecentList<ChangeEvent>((change) => change.atMs);
  readonly #logWatcher = new LogWatcher('templates');
  readonly #logEvidence = new RecentList<LogEvidence>((one) => one.atMs);
  /** What the logs showed that was told since an incident is open. */
  readonly #logsTold = new Set<string>();
  readonly #parts: LoopParts;
  readonly #tracker: IncidentTracker;
  readonly #executor: Executor;
  readonly #audit = new AuditLog();
  readonly #open = new Map<string, Incident>();
  readonly #diagnoses = new Map<string, Diagnosis>();
  /** What the first diagnosis looked at; null before there was one. */
  evidenceAtDiagnosis: {
    readonly logs: readonly LogRecord[];
    readonly spans: readonly Span[];
  } | null = null;
  #pods: readonly PodPlacement[] | null = null;

  constructor(parts: LoopParts) {
    this.#parts = parts;
    this.#tracker = new IncidentTracker(parts.world.topology);
    this.#executor = new Executor(parts.world.cluster, {
      nowMs: () => parts.world.nowMs,
      topology: parts.world.topology,
    });
  }

  /** Goes on to `untilMs`; before time 0 the stack only learns. */
  async advance(untilMs: number): Promise<Telemetry> {
    const telemetry = await this.#parts.world.advance(untilMs);
    this.#remember(telemetry);
    for (const frame of telemetry.frames) await this.#observe(frame);
    return telemetry;
  }

  #remember(telemetry: Telemetry): void {
    const horizonMs = telemetry.untilMs - evidenceMs;
    this.logs.append(telemetry.logs, horizonMs);
    this.spans.append(telemetry.spans, horizonMs);
    this.#clusterEvents.append(telemetry.events, horizonMs);
    this.#recentChanges.append(telemetry.changes, horizonMs);
    this.#logEvidence.append(this.#logWatcher.observe(telemetry), horizonMs);
    this.changes.push(...telemetry.changes);
    if (telemetry.events.length > 0 || telemetry.changes.length > 0) this.#pods = null;
  }

  async #observe(frame: MetricsFrame): Promise<void> {
    const { detector } = this.#parts;
    this.history.append(frame);
    const { anomalies, strength } = judgeFrame(detector, frame);
    detector.learn(frame);
    this.#parts.baselines?.observe(frame);
    if (frame.atMs <= 0) return;
    this.alarmLevels.observe(frame.atMs, strength);
    const changed = new Set<string>();
    for (const { type, incident } of this.#tracker.observe(frame.atMs, anomalies, frame)) {
      changed.add(incident.id);
      if (type === 'closed') this.#open.delete(incident.id);
      else this.#open.set(incident.id, incident);
      this.events.push({ type: `incident_${type}`, atMs: frame.atMs, incident });
    }
    this.#tellOfLogs(frame.atMs);
    for (const incident of this.#open.values()) {
      const isFresh = frame.atMs - incident.openedAtMs < freshIncidentMs;
      if (isFresh || changed.has(incident.id)) await this.#diagnose(incident, frame.atMs);
    }
    await this.#heal(frame.atMs);
  }

  /** Logs open no incident: what they show is told once beside one, from minutes before it on. */
  #tellOfLogs(atMs: number): void {
    if (this.#open.size === 0) {
      this.#logsTold.clear();
      return;
    }
    const evidence = this.#logEvidence.items.filter((one) => {
      const key = `${one.detector} ${one.component} ${one.template}`;
      if (one.atMs <= atMs - logsBeforeMs || this.#logsTold.has(key)) return false;
      this.#logsTold.add(key);
      return true;
    });
    if (evidence.length > 0) this.events.push({ type: 'logs_changed', atMs, evidence });
  }

  async #diagnose(incident: Incident, atMs: number): Promise<void> {
    const { localizer, world } = this.#parts;
    const evidence: Evidence = {
      atMs,
      incident,
      topology: world.topology,
      pods: await this.#placements(),
      metrics: this.history,
      logs: this.logs.items,
      spans: this.spans.items,
      events: this.#clusterEvents.items,
      changes: this.#recentChanges.items,
      logEvidence: this.#logEvidence.items,
    };
    const suspects = localizer.rank(evidence);
    this.#parts.baselines?.diagnose(evidence);
    this.evidenceAtDiagnosis ??= { logs: this.logs.items, spans: this.spans.items };
    const before = this.#diagnoses.get(incident.id);
    const diagnosis: Diagnosis = {
      incidentId: incident.id,
      atMs,
      localizer: localizer.name,
      suspects,
    };
    this.#diagnoses.set(incident.id, diagnosis);
    if (!before || namesOf(before) !== namesOf(diagnosis)) {
      this.events.push({ type: 'diagnosed', atMs, diagnosis });
    }
  }

  async #heal(atMs: number): Promise<void> {
    const context: HealerContext = {
      atMs,
      topology: this.#parts.world.topology,
      pods: await this.#placements(),
      metrics: this.history,
      incidents: [...this.#open.values()],
      diagnoses: [...this.#open.keys()].flatMap((id) => this.#diagnoses.get(id) ?? []),
    };
    let announced = false;
    for (const plan of this.#parts.healer.decide(context)) {
      this.events.push({ type: 'planned', atMs, plan });
      for (const action of plan.steps) {
        const verdict = this.#parts.guard.review(action, plan.rule, context, plan.incidentId);
        this.#note(atMs, verdict.allowed ? 'allowed' : 'refused', plan, action, verdict.reason);
        if (verdict.allowed && !announced) {
          announced = true;
          this.#parts.beforeActions();
        }
        if (verdict.allowed) this.#settle(await this.#executor.execute(action));
        else this.#parts.healer.observe(refusal(atMs, action, verdict.reason));
      }
    }
    if (announced) this.#pods = null;
  }

  #settle(outcome: ActionOutcome): void {
    this.#parts.guard.record(outcome);
    this.#parts.healer.observe(outcome);
    this.events.push({ type: 'acted', atMs: outcome.atMs, outcome });
  }

  #note(
    atMs: number,
    decision: 'allowed' | 'refused',
    plan: Plan,
    action: Action,
    reason: string,
  ): void {
    const entry = this.#audit.append({
      atMs,
      decision,
      rule: plan.rule,
      action: action.kind,
      target: action.target,
      reason,
    });
    this.events.push({ type: 'audited', atMs, entry });
  }

  async #placements(): Promise<readonly PodPlacement[]> {
    this.#pods ??= await readPlacements(this.#parts.world.cluster, this.#parts.world.topology);
    return this.#pods;
  }
}

/** Items of the last minutes, oldest first. */
class RecentList<Item> {
  items: readonly Item[] = [];
  readonly #atMs: (item: Item) => number;

  constructor(atMs: (item: Item) => number) {
    this.#atMs = atMs;
  }

  append(newer: readonly Item[], horizonMs: number): void {
    const firstKept = this.items.findIndex((item) => this.#atMs(item) > horizonMs);
    const kept = firstKept < 0 ? [] : this.items.slice(firstKept);
    this.items = [...kept, ...newer];
  }
}

function refusal(atMs: number, action: Action, reason: string): ActionOutcome {
  return { atMs, action, outcome: 'refused', detail: reason, before: {}, after: {} };
}

function namesOf(diagnosis: Diagnosis): string {
  return diagnosis.suspects
    .map((suspect) => `${suspect.component}/${suspect.faultClass}`)
    .join(' ');
}
