import { createStream, mean } from '../core/tools/index.ts';
import type { Figure } from '../core/truth/index.ts';
import {
  type Knob,
  type KnobValues,
  parsePolicies,
  policyKnobs,
  serializePolicies,
  withKnobs,
} from '../healers/index.ts';
import { bootstrapFigure } from './statistics/statistics.ts';
import { isVoid, type PlayedTrial, type TrialRequest, type TrialResult } from './trial.ts';
import { demandSomeBegan } from './void-trials.ts';

export interface TuneRequest {
  /** A trial without scenario, seed and policy changes. */
  readonly stack: Omit<TrialRequest, 'scenario' | 'seed'>;
  readonly scenarios: readonly string[];
  /** Seeds to learn on, and others to judge on; they must not overlap. */
  readonly trainSeeds: readonly number[];
  readonly testSeeds: readonly number[];
  /** Episodes to spend on learning. */
  readonly episodes: number;
  /** Plays trials, in order. */
  readonly play: (requests: readonly TrialRequest[]) => Promise<PlayedTrial[]>;
  readonly onRound?: (round: TuneRound) => void;
}

export interface TuneRound {
  readonly candidates: number;
  readonly episodesSpent: number;
  readonly bestChange: string;
  readonly bestCost: number;
}

export interface TuneReport {
  readonly schemaVersion: 1;
  readonly changes: readonly {
    readonly knob: string;
    readonly before: number | string;
    readonly after: number | string;
  }[];
  readonly rounds: readonly TuneRound[];
  readonly trainSeeds: readonly number[];
  readonly testSeeds: readonly number[];
  /** Mean cost per episode on the test seeds. */
  readonly costBefore: Figure;
  readonly costAfter: Figure;
  /** Paired difference before − after on the test seeds: positive is better. */
  readonly gain: Figure;
  /** The tuned policy file. */
  readonly policyText: string;
}

/** One arm: the knobs that differ from the policy as it was. */
type Change = KnobValues;

/** A request lost costs 1 per request asked for; acting costs a little, harm more. */
const actionCost = 0.0005;
const harmCost = 0.01;

/**
 * Tunes a policy's knobs by sequential halving (Karnin et al., ICML 2013), a fixed-budget bandit:
 * all single-knob changes of the best policy so far are arms, each round plays every arm left on
 * the same seeds and drops the worse half. Passes repeat until the budget is spent or nothing
 * improves. Fails when two knobs only help together: it changes one a pass.
 */
export async function tune(request: TuneRequest): Promise<TuneReport> {
  const policies = parsePolicies(request.stack.policy.text, request.stack.policy.file);
  const knobs = policyKnobs(policies);
  const bandit = new SequentialHalving(request, knobs);
  let best: Change = {};
  while (bandit.spent < request.episodes) {
    const winner = await bandit.pass(best);
    if (winner === best) break;
    best = winner;
  }
  const tuned = withKnobs(policies, best);
  const policyText = serializePolicies(tuned);
  const [before, after] = [
    await costs(request, request.stack.policy.text, request.testSeeds),
    await costs(request, policyText, request.testSeeds),
  ];
  return {
    schemaVersion: 1,
    changes: knobs
      .filter((knob) => knob.name in best)
      .map((knob) => ({
        knob: knob.name,
        before: knob.value,
        after: best[knob.name] as number | string,
      })),
    rounds: bandit.rounds,
    trainSeeds: request.trainSeeds,
    testSeeds: request.testSeeds,
    costBefore: bootstrapFigure(before),
    costAfter: bootstrapFigure(after),
    gain: bootstrapFigure(
      before.map((group, g) => group.map((cost, i) => cost - (after[g]?.[i] as number))),
    ),
    policyText,
  };
}

class SequentialHalving {
  spent = 0;
  readonly rounds: TuneRound[] = [];
  readonly #request: TuneRequest;
  readonly #knobs: readonly Knob[];
  readonly #stream = createStream(1, 'tune');

  constructor(request: TuneRequest, knobs: readonly Knob[]) {
    this.#request = request;
    this.#knobs = knobs;
  }

  /**
   * The best of `incumbent` and its single-knob changes; the incumbent is played in every round.
   */
  async pass(incumbent: Change): Promise<Change> {
    const { trainSeeds, scenarios, episodes } = this.#request;
    const roomFor = Math.max(2, Math.floor((episodes - this.spent) / (3 * scenarios.length)));
    let arms = this.#stream.shuffle(this.#neighbours(incumbent)).slice(0, roomFor);
    let seedsPerArm = 1;
    let winner = incumbent;
    while (arms.length > 0 && this.spent < episodes) {
      const seeds = trainSeeds.slice(0, seedsPerArm);
      const ownCost = await this.#cost(incumbent, seeds);
      if (Number.isNaN(ownCost)) {
        // The seed never began, under any policy.
        seedsPerArm = 2;
        continue;
      }
      const scored: { arm: Change; cost: number }[] = [];
      for (const arm of arms) scored.push({ arm, cost: await this.#cost(arm, seeds) });
      const better = scored.filter(({ cost }) => cost < ownCost).sort((a, b) => a.cost - b.cost);
      winner = better[0]?.arm ?? incumbent;
      this.#note(winner, better[0]?.cost ?? ownCost, arms.length);
      arms = better.slice(0, Math.max(1, Math.floor(arms.length / 2))).map(({ arm }) => arm);
      if (seedsPerArm >= trainSeeds.length) break;
      seedsPerArm = Math.min(trainSeeds.length, seedsPerArm * 2);
    }
    return winner;
  }

  #neighbours(incumbent: Change): Change[] {
    return this.#knobs.flatMap((knob) =>
      knob.values
        .filter((value) => value !== (incumbent[knob.name] ?? knob.value))
        .map((value) => ({ ...incumbent, [knob.name]: value })),
    );
  }

  /** NaN when no trial began. */
  async #cost(change: Change, seeds: readonly number[]): Promise<number> {
    const { stack } = this.#request;
    const text = serializePolicies(
      withKnobs(parsePolicies(stack.policy.text, stack.policy.file), change),
    );
    const groups = await costs(this.#request, text, seeds);
    this.spent += this.#request.scenarios.length * seeds.length;
    return mean(groups.flat());
  }

  #note(winner: Change, cost: number, candidates: number): void {
    const words = Object.entries(winner).map(([knob, value]) => `${knob} = ${value}`);
    const round: TuneRound = {
      candidates,
      episodesSpent: this.spent,
      bestChange: words.join(', ') || 'no change',
      bestCost: cost,
    };
    this.rounds.push(round);
    this.#request.onRound?.(round);
  }
}

/** Cost per scenario and seed under a policy; trials that never began are left out, under all. */
async function costs(
  request: TuneRequest,
  policyText: string,
  seeds: readonly number[],
): Promise<number[][]> {
  const requests = request.scenarios.flatMap((scenario) =>
    seeds.map(
      (seed): TrialRequest => ({
        ...request.stack,
        scenario,
        seed,
        policy: { file: request.stack.policy.file, text: policyText },
      }),
    ),
  );
  const played = await request.play(requests);
  // One seed may be without luck; two are a world to which no policy can be tuned.
  if (seeds.length >= Math.min(2, request.trainSeeds.length)) {
    demandSomeBegan(played, played.filter(isVoid));
  }
  return request.scenarios.map((_, s) =>
    played
      .slice(s * seeds.length, (s + 1) * seeds.length)
      .flatMap((trial) => (isVoid(trial) ? [] : [costOf(trial)])),
  );
}

/** Share of user requests lost in the hour after onset, plus the price of acting and of harm. */
function costOf({ scorecard }: TrialResult): number {
  const { healing, resilience } = scorecard;
  return (
    1 -
    (resilience.availability ?? 1) +
    actionCost * healing.actions.length +
    harmCost * healing.harmfulActions
  );
}
