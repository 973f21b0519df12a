import { formatDuration } from '../../core/tools/index.ts';
import {
  availabilityOf,
  type ScenarioSelfTest,
  type SelfTestCheck,
  type Treatment,
} from '../../core/truth/index.ts';
import { SteadyStateError } from '../episode-options.ts';
import { checkSteadyState } from '../steady-state.ts';
import { cheatsOf } from './cheats.ts';
import {
  describeEnd,
  judgeCheat,
  judgeTreatment,
  type TreatmentVerdict,
} from './judge-treatment.ts';
import { findSigns, record } from './observe.ts';
import type { Stage } from './stage.ts';

/** Telemetry is compared until this long after onset… */
const observedMs = 120_000;
/** …or after the injection, where no user ever feels anything. */
const observedQuietMs = 600_000;

/** Asks a stage everything a sound scenario has to answer; `replay` is the command for it. */
export async function selfTest(
  stage: Stage,
  replay: string,
  { impactOnly }: { readonly impactOnly: boolean },
): Promise<ScenarioSelfTest> {
  const { scenario, seed } = stage.episode;
  const checks = impactOnly ? [] : await checksOf(stage);
  return {
    scenario: scenario.id,
    topology: scenario.topology,
    ends: scenario.ends,
    seed,
    injectedAtMs: stage.truth.injectedAtMs,
    onsetMs: stage.truth.onsetMs,
    checks,
    replay,
  };
}

async function checksOf(stage: Stage): Promise<SelfTestCheck[]> {
  const checks: SelfTestCheck[] = [await healthyBefore(stage), afterInjection(stage)];
  if (stage.episode.faults.length > 0) {
    checks.push(await afterUndo(stage));
    checks.push(...(await treatments(stage)));
    checks.push(...(await cheats(stage)));
  }
  checks.push(...(await observations(stage)));
  return checks;
}

function answer(
  check: SelfTestCheck['check'],
  passed: boolean,
  said: Pick<SelfTestCheck, 'expected' | 'measured'> & { readonly subject?: string },
): SelfTestCheck {
  const { subject = null, expected, measured } = said;
  return { check, subject, verdict: passed ? 'passed' : 'failed', expected, measured };
}

function skip(check: SelfTestCheck['check'], subject: string, measured: string): SelfTestCheck {
  return { check, subject, verdict: 'skipped', expected: '', measured };
}

async function healthyBefore({ before }: Stage): Promise<SelfTestCheck> {
  const expected = 'users served and all replicas ready before the injection';
  try {
    await checkSteadyState(before);
    return answer('healthy_before', true, { expected, measured: 'so they were' });
  } catch (error) {
    if (!(error instanceof SteadyStateError)) throw error;
    return answer('healthy_before', false, { expected, measured: error.message });
  }
}

/** What doing nothing comes to must be what the scenario says of its end. */
function afterInjection(stage: Stage): SelfTestCheck {
  const { truth, sli, endMs } = stage;
  const { ends, expect } = stage.episode.scenario;
  const { onsetMs, unhealedRecoveryMs } = truth;
  const lastedMs =
    onsetMs === null || unhealedRecoveryMs === null ? null : unhealedRecoveryMs - onsetMs;
  const measured =
    onsetMs === null
      ? 'no user felt anything'
      : lastedMs === null
        ? `broken from ${formatDuration(onsetMs)} on, ${describeEnd(sli.unhealed, sli.noFault)}`
        : `broken from ${formatDuration(onsetMs)} on, back after ${formatDuration(lastedMs)}`;
  const judge = (passed: boolean, expected: string): SelfTestCheck =>
    answer('after_injection', passed, { expected, measured });
  switch (ends) {
    case 'self':
      return judge(onsetMs === null || lastedMs !== null, 'users are well again by themselves');
    case 'silent':
      return judge(onsetMs === null, 'no user feels anything');
    case 'healthy':
      return servedWell(stage, endMs);
    default:
      return judge(
        onsetMs !== null && (lastedMs === null || lastedMs > expect.recoveryMaxMs),
        `users broken for more than ${formatDuration(expect.recoveryMaxMs)} with nobody acting`,
      );
  }
}

function servedWell({ sli, truth, episode }: Stage, endMs: number): SelfTestCheck {
  const { availabilityMin } = episode.scenario.expect;
  const record = {
    sli: { ...sli, healed: sli.unhealed },
    truth: { ...truth, onsetMs: null },
    durationMs: endMs,
    events: [],
  };
  const served = availabilityOf(record, 'unhealed');
  return answer('after_injection', served > availabilityMin, {
    expected: `more than ${100 * availabilityMin} % of user requests good throughout`,
    measured: `${(100 * served).toFixed(2)} % good`,
  });
}

async function afterUndo(stage: Stage): Promise<SelfTestCheck> {
  const { truth, episode } = stage;
  if (truth.onsetMs === null) return skip('after_undo', 'undo', 'users never broke');
  const undone = await judgeUndone(stage);
  const isMetastable = episode.scenario.ends === 'metastable';
  // Users who are well again in a world that lacks something are well again, and not stuck.
  return answer('after_undo', isMetastable ? !undone.recovered : undone.cured, {
    expected: isMetastable ? 'still broken: undoing is not enough' : 'users recover',
    measured: undone.measured,
  });
}

/** Nobody writes anything here, so that losses are the fault's own and must be undone as well. */
function judgeUndone(stage: Stage): Promise<TreatmentVerdict> {
  return judgeTreatment(stage, [], { undo: true });
}

async function treatments(stage: Stage): Promise<SelfTestCheck[]> {
  const { remedies, traps, scenario } = stage.episode;
  const undo = scenario.ends === 'metastable';
  const checks: SelfTestCheck[] = [];
  const play = async (check: 'remedy' | 'trap', { id, steps }: Treatment): Promise<void> => {
    if (stage.truth.onsetMs === null) {
      checks.push(skip(check, id, 'users never broke: there is nothing to cure'));
      return;
    }
    const { cured, unplayed, measured } = await judgeTreatment(stage, steps, { undo });
    if (check === 'trap' && unplayed !== null) {
      checks.push(unplayable(id, unplayed));
      return;
    }
    const expected = check === 'remedy' ? 'cures' : 'does not cure';
    checks.push(answer(check, cured === (check === 'remedy'), { subject: id, expected, measured }));
  };
  for (const remedy of remedies) await play('remedy', remedy);
  for (const trap of traps) await play('trap', trap);
  return checks;
}

/** A trap that was refused has not shown that it does not cure. */
function unplayable(trap: string, refusals: string): SelfTestCheck {
  return answer('playable', false, {
    subject: `trap ${trap}`,
    expected: 'something of it comes about',
    measured: `the trap could not be played: ${refusals}`,
  });
}

async function cheats(stage: Stage): Promise<SelfTestCheck[]> {
  const checks: SelfTestCheck[] = [];
  for (const { id, steps, skipped } of cheatsOf(stage)) {
    const reason =
      stage.truth.onsetMs === null ? 'users never broke: there is nothing to cure' : skipped;
    if (reason !== null) {
      checks.push(skip('cheat', id, reason));
      continue;
    }
    const undo = stage.episode.scenario.ends === 'metastable';
    const { cured, unplayed, measured } = await judgeCheat(stage, steps, { undo });
    if (unplayed !== null) {
      checks.push(skip('cheat', id, `could not be played: ${unplayed}`));
      continue;
    }
    checks.push(answer('cheat', !cured, { subject: id, expected: 'does not cure', measured }));
  }
  return checks;
}

/**
 * Whether the same seed gives the same telemetry twice, also from a copy that is made on the way,
 * and whether anybody can see the fault in it.
 */
async function observations({ before, episode, truth }: Stage): Promise<SelfTestCheck[]> {
  const { onsetMs } = truth;
  const isQuiet = onsetMs === null && episode.faults.length > 0;
  const untilMs = Math.max(before.nowMs, onsetMs ?? 0) + (isQuiet ? observedQuietMs : observedMs);
  const halfMs = before.nowMs + Math.round((untilMs - before.nowMs) / 2);
  const [first, second] = [
    await record(before, 'keep', untilMs),
    await record(before, 'keep', untilMs, halfMs),
  ];
  const repeated = answer('determinism', first.digest === second.digest, {
    expected: `digest ${first.digest.slice(0, 12)}`,
    measured: second.digest.slice(0, 12),
  });
  if (episode.faults.length === 0) return [repeated];
  const sound = await record(before, 'drop', untilMs);
  const signs = findSigns(first.telemetry, sound.telemetry);
  const seen = answer('observability', signs.length > 0, {
    expected: 'a signal or Warning event that differs from the no-fault world',
    measured: signs.length > 0 ? `${signs.length} differ, such as ${signs[0]}` : 'none differs',
  });
  return [seen, repeated];
}
