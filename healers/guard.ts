import type { Action, ActionKind, ActionOutcome, HealerContext } from '../core/observable/index.ts';
import { formatDuration } from '../core/tools/index.ts';
import {
  type AutonomyLevel,
  defaultLimits,
  type GuardLimits,
  type GuardOptions,
  isBusinessTime,
  lowRiskActions,
} from './guard-options.ts';

export interface Verdict {
  readonly allowed: boolean;
  /** Why, in words. */
  readonly reason: string;
}

/** An allowed action that counts against the limits; from review on, so that a batch counts too. */
interface LedgerEntry {
  readonly atMs: number;
  readonly kind: ActionKind;
  readonly target: string;
  readonly rule: string;
  readonly incidentId: string | null;
  /** The zone it empties, wholly or in part; null when it empties none. */
  readonly zone: string | null;
  /** It failed: an attempt that used up budget, but changed nothing. */
  failed: boolean;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const disruptive: readonly ActionKind[] = ['restart', 'rollback', 'scale_down'];
const nodeActions: readonly ActionKind[] = ['cordon', 'drain'];

/**
 * Stands between any healer and any world and limits them all: kill switch, autonomy levels,
 * confidence, cooldowns, budgets and blast radius. Disruption budgets are the API's to enforce.
 */
export class Guard {
  readonly #options: GuardOptions;
  readonly #limits: GuardLimits;
  readonly #cooldowns: ReadonlyMap<string, number>;
  readonly #ledger: LedgerEntry[] = [];
  /** Allowed, and not yet heard of again. */
  readonly #awaited = new Map<string, LedgerEntry>();
  /** Drains that a disruption budget held up; going on with one is not a new action. */
  readonly #unfinished = new Set<string>();
  #killSwitch: boolean;

  constructor(options: GuardOptions) {
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#cooldowns = new Map(
      options.policies?.rules.map(({ name, cooldownMs }) => [name, cooldownMs]),
    );
    this.#killSwitch = options.killSwitch ?? false;
  }

  get killSwitch(): boolean {
    return this.#killSwitch;
  }

  /** On: nothing is allowed until it is off again. */
  setKillSwitch(on: boolean): void {
    this.#killSwitch = on;
  }

  /** Decides about one action; an allowed one counts against the limits from here on. */
  review(
    action: Action,
    rule: string,
    context: HealerContext,
    incidentId: string | null = null,
  ): Verdict {
    if (this.#killSwitch) return refuse('the kill switch is on: nothing is done automatically');
    const request: Request = { action, rule, context, incidentId };
    const byAutonomy = this.#checkAutonomy(request);
    if (byAutonomy) return byAutonomy;
    if (this.#unfinished.has(keyOf(action))) {
      return { allowed: true, reason: `goes on with an unfinished ${action.kind}` };
    }
    const refusal =
      this.#checkConfidence(request) ??
      this.#checkCooldown(request) ??
      this.#checkBudgets(request) ??
      this.#checkRestarts(request) ??
      this.#checkServices(request) ??
      this.#checkNodes(request);
    if (refusal) return refusal;
    const { kind, target } = action;
    const zone = emptiedZone(action, context);
    const entry = { atMs: context.atMs, kind, target, rule, incidentId, zone, failed: false };
    this.#ledger.push(entry);
    this.#awaited.set(keyOf(action), entry);
    return { allowed: true, reason: 'within all limits' };
  }

  /** Told what became of an action; one that changed nothing gives its budget back. */
  record(outcome: ActionOutcome): void {
    const key = keyOf(outcome.action);
    if (outcome.outcome === 'partial') this.#unfinished.add(key);
    else this.#unfinished.delete(key);
    const entry = this.#awaited.get(key);
    if (!entry) return;
    this.#awaited.delete(key);
    if (outcome.outcome === 'no_change') this.#ledger.splice(this.#ledger.indexOf(entry), 1);
    entry.failed = outcome.outcome === 'failed';
  }

  #checkAutonomy({ action, context }: Request): Verdict | null {
    const { autonomy, autonomyByAction, epochMs } = this.#options;
    const level: AutonomyLevel = autonomyByAction?.[action.kind] ?? autonomy ?? 'L3';
    if (level === 'L1') return refuse(`recommended only: ${action.kind} is at autonomy L1`);
    if (level === 'L3') return null;
    if (!lowRiskActions.includes(action.kind)) {
      return refuse(`recommended only: at autonomy L2 ${action.kind} is not a low-risk action`);
    }
    return isBusinessTime(context.atMs, epochMs)
      ? null
      : refuse('recommended only: at autonomy L2 actions run alone in business hours');
  }

  #checkConfidence({ action, context, incidentId }: Request): Verdict | null {
    const least = this.#options.confidenceMin?.[action.kind] ?? 0;
    if (least === 0) return null;
    const weight = topWeight(context, incidentId);
    return weight >= least
      ? null
      : refuse(`the diagnosis is too weak for ${action.kind}: ${weight.toFixed(2)} of ${least}`);
  }

  #checkCooldown({ action, rule, context }: Request): Verdict | null {
    const cooldownMs = this.#cooldowns.get(rule) ?? this.#limits.cooldownMs;
    const last = this.#ledger.findLast(
      (entry) => keyOf(entry) === keyOf(action) && entry.rule === rule && !entry.failed,
    );
    const leftMs = last ? last.atMs + cooldownMs - context.atMs : 0;
    return leftMs > 0
      ? refuse(`cooldown of ${rule} on ${action.target}: ${formatDuration(leftMs)} left`)
      : null;
  }

  #checkBudgets({ context, incidentId }: Request): Verdict | null {
    const { actionsPerHourMax, actionsPerIncidentMax } = this.#limits;
    const inHour = this.#since(context.atMs - hourMs).length;
    if (inHour >= actionsPerHourMax) {
      return refuse(`action budget: ${inHour} of ${actionsPerHourMax} in the last hour are used`);
    }
    if (incidentId === null) return null;
    const forIncident = this.#ledger.filter((entry) => entry.incidentId === incidentId).length;
    return forIncident >= actionsPerIncidentMax
      ? refuse(
          `action budget: ${forIncident} of ${actionsPerIncidentMax} for ${incidentId} are used`,
        )
      : null;
  }

  #checkRestarts({ action, context }: Request): Verdict | null {
    if (action.kind !== 'restart') return null;
    const own = action.parameters.restartCountLimit;
    const most = typeof own === 'number' ? own : this.#limits.restartsPerDayMax;
    const restarts = this.#since(context.atMs - dayMs).filter(
      (entry) => keyOf(entry) === keyOf(action) && !entry.failed,
    ).length;
    return restarts >= most
      ? refuse(`restart budget: ${action.target} was restarted ${restarts} times in 24 hours`)
      : null;
  }

  #checkServices({ action, context }: Request): Verdict | null {
    if (!disruptive.includes(action.kind)) return null;
    const total = context.topology.services.filter(({ kind }) => kind !== 'external').length;
    const most = Math.ceil(total * this.#limits.disruptedServiceShareMax);
    const touched = new Set(
      this.#since(context.atMs - hourMs)
        .filter(({ kind, failed }) => disruptive.includes(kind) && !failed)
        .map(({ target }) => target),
    );
    if (touched.has(action.target) || touched.size < most) return null;
    return refuse(
      `blast radius: ${touched.size} of at most ${most} services were disrupted this hour`,
    );
  }

  #checkNodes({ action, context }: Request): Verdict | null {
    const zone = emptiedZone(action, context);
    if (!nodeActions.includes(action.kind) && zone === null) return null;
    // A failed drain may have cordoned its node; a failed cordon did nothing.
    const emptied = this.#since(context.atMs - dayMs).filter(
      ({ kind, failed }) => kind === 'drain' || !failed,
    );
    const other = emptied.find((entry) => entry.zone !== null && entry.zone !== zone);
    if (other) {
      return refuse(
        `blast radius: ${other.zone} is being emptied already, and one zone is the most`,
      );
    }
    if (!nodeActions.includes(action.kind)) return null;
    const nodes = new Set(
      emptied.filter(({ kind }) => nodeActions.includes(kind)).map(({ target }) => target),
    );
    const most = Math.ceil(context.topology.nodes.length * this.#limits.nodeShareMax);
    if (nodes.has(action.target) || nodes.size < most) return null;
    if (zone !== null && this.#isDeadZone(zone, context)) return null;
    return refuse(`blast radius: ${nodes.size} of at most ${most} nodes are cordoned`);
  }

  #isDeadZone(zone: string, { diagnoses }: HealerContext): boolean {
    return diagnoses.some(({ suspects }) =>
      suspects.some(
        ({ component, faultClass, weight }) =>
          component === `zone/${zone}` &&
          (faultClass === 'zone_outage' || faultClass === 'network_partition') &&
          weight >= this.#limits.deadZoneWeightMin,
      ),
    );
  }

  #since(afterMs: number): readonly LedgerEntry[] {
    return this.#ledger.filter((entry) => entry.atMs > afterMs);
  }
}

interface Request {
  readonly action: Action;
  readonly rule: string;
  readonly context: HealerContext;
  readonly incidentId: string | null;
}

function refuse(reason: string): Verdict {
  return { allowed: false, reason };
}

function keyOf({ kind, target }: Pick<Action, 'kind' | 'target'>): string {
  return `${kind} ${target}`;
}

function emptiedZone(action: Action, { topology }: HealerContext): string | null {
  const { awayFromZone } = action.parameters;
  if (typeof awayFromZone === 'string') return awayFromZone;
  const name = action.target.slice(action.target.indexOf('/') + 1);
  if (action.target.startsWith('zone/')) return name;
  if (!action.target.startsWith('node/')) return null;
  return topology.nodes.find((node) => node.name === name)?.zone ?? null;
}

function topWeight({ diagnoses }: HealerContext, incidentId: string | null): number {
  const own = diagnoses.filter(
    (diagnosis) => incidentId === null || diagnosis.incidentId === incidentId,
  );
  return own.reduce((most, { suspects }) => Math.max(most, suspects[0]?.weight ?? 0), 0);
}
