import { assert } from '../../core/tools/index.ts';
import type { Fault, FaultKind } from '../../core/truth/index.ts';
import type { EffectContext, UndoNote } from './effect.ts';
import { effects } from './effects.ts';
import { dropReleasedImpairments, dropSpentImpairments } from './impairment.ts';
import { dropSpentLoadFactors } from './load-factor.ts';
import { endReboots } from './reboots.ts';

interface Entry {
  readonly fault: Fault;
  /** Null until it began; what undoing needs from then on. */
  note: UndoNote | null;
  over: boolean;
}

/** Benign happenings have no class, because nobody should diagnose them. */
function isFault({ fault }: Entry): boolean {
  return fault.faultClass !== null;
}

function isInForce({ note, over }: Entry): boolean {
  return note !== null && !over;
}

/** Kinds whose begin and end are writes that must not get lost. */
const writers: ReadonlySet<FaultKind> = new Set<FaultKind>([
  'release',
  'object_edit',
  'node_drain',
  'pod_kill',
]);

/** An impairment that a ConfigMap switches on is a write, too. */
function writes({ fault }: Entry): boolean {
  return writers.has(fault.kind) || fault.parameters.config !== undefined;
}

/** Who wants to write while the API cannot take it tries again until it can. */
function mustWait(entry: Entry, { conditions }: EffectContext): boolean {
  const { downComponents } = conditions;
  if (downComponents.size === 0 || !writes(entry)) return false;
  return downComponents.has('api_server') || downComponents.has('etcd');
}

/** Starts and ends faults at their times, and undoes what is in force when asked. */
export class FaultSchedule {
  /** By start, so that the order here is the order in which they begin. */
  readonly #entries: Entry[] = [];
  /** Version of the ConfigMaps that all holds were last compared with; null when they were not. */
  #configsReadAt: number | null = null;

  add(faults: readonly Fault[]): void {
    for (const fault of faults) this.#entries.push({ fault, note: null, over: false });
    this.#entries.sort((a, b) => a.fault.startMs - b.fault.startMs);
  }

  /** Begins and ends what is due at `context.nowMs`; true when anything happened. */
  async play(context: EffectContext): Promise<boolean> {
    let happened = endReboots(context.conditions, context.nowMs);
    dropSpentLoadFactors(context.conditions, context.nowMs);
    dropSpentImpairments(context.conditions, context.nowMs);
    await this.#followConfigs(context);
    for (const entry of this.#entries) {
      const { fault } = entry;
      if (entry.over || mustWait(entry, context)) continue;
      const { begin, goOn } = effects[fault.kind];
      if (entry.note === null && fault.startMs <= context.nowMs) {
        entry.note = await begin(fault, context);
        if (fault.parameters.config !== undefined) this.#configsReadAt = null;
        happened = true;
      } else if (entry.note !== null && goOn) {
        await goOn(fault, entry.note, context);
        happened = true;
      }
      const endMs = fault.durationMs === null ? null : fault.startMs + fault.durationMs;
      if (entry.note !== null && endMs !== null && endMs <= context.nowMs) {
        await this.#end(entry, context);
        happened = true;
      }
    }
    return happened;
  }

  /**
   * Ends every fault in force, latest first, and forgets those that have not begun. What is down of
   * the platform comes back before all others, which may need it to write.
   */
  async rollBack(context: EffectContext): Promise<void> {
    const latestFirst = this.#entries.toReversed();
    const inOrder = [
      ...latestFirst.filter(({ fault }) => fault.kind === 'component_down'),
      ...latestFirst.filter(({ fault }) => fault.kind !== 'component_down'),
    ];
    for (const entry of inOrder) {
      if (!isFault(entry)) continue;
      if (isInForce(entry)) await this.#end(entry, context);
      entry.over = true;
    }
  }

  /** A copy; with 'drop', without the faults, none of which may be in force. */
  fork(faults: 'keep' | 'drop'): FaultSchedule {
    const copy = new FaultSchedule();
    copy.#configsReadAt = this.#configsReadAt;
    for (const entry of this.#entries) {
      if (faults === 'drop' && isFault(entry)) {
        const { kind, target } = entry.fault;
        assert(!isInForce(entry), `cannot drop ${kind} of ${target}: it is in force already`);
        continue;
      }
      copy.#entries.push({ ...entry, note: structuredClone(entry.note) });
    }
    return copy;
  }

  /** ConfigMaps are read again when one has changed, which is seldom. */
  async #followConfigs(context: EffectContext): Promise<void> {
    if (this.#configsReadAt === context.configVersion) return;
    if (await dropReleasedImpairments(context)) this.#configsReadAt = context.configVersion;
  }

  async #end(entry: Entry, context: EffectContext): Promise<void> {
    const { fault, note } = entry;
    const others = this.#entries
      .filter((other) => other !== entry && other.fault.kind === fault.kind && isInForce(other))
      .map((other) => other.note as UndoNote);
    await effects[fault.kind].end(fault, note as UndoNote, { ...context, others });
    entry.over = true;
  }
}
