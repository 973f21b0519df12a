import { beforeAll, describe, expect, it } from 'vitest';
import type { RunRecord, Scorecard } from '../../core/truth/index.ts';
import { isVoid, runTrial, runTrials, type TrialRequest } from '../../lab/index.ts';
import { recordDigest } from '../../lab/score/score.ts';
import { badRelease, requestFor, writeScenario, zoneDown } from './trials.ts';

const zone = requestFor(writeScenario({ id: 'first', faults: zoneDown }));
const deploy = requestFor(writeScenario({ id: 'second', faults: badRelease }));

interface Played {
  readonly record: RunRecord;
  readonly scorecard: Scorecard;
}

async function play(request: TrialRequest): Promise<Played> {
  return runTrial(request, { clockMs: () => 0 });
}

let played: Played;
let playedDeploy: Played;
beforeAll(async () => {
  played = await play(zone);
  playedDeploy = await play(deploy);
});

function expectSame(a: Played, b: Played): void {
  expect(a.record.telemetry).toEqual(b.record.telemetry);
  expect(recordDigest(a.record)).toBe(recordDigest(b.record));
  expect(a.scorecard.digest).toBe(b.scorecard.digest);
}

describe('one seed, one run', () => {
  it('has a run to compare: faults, incidents, actions', () => {
    const types = new Set(played.record.events.map(({ type }) => type));
    for (const type of ['fault_injected', 'incident_opened', 'diagnosed', 'acted'] as const) {
      expect(types).toContain(type);
    }
    expect(played.record.telemetry.spans).toBeGreaterThan(10_000);
  });

  it('twice the same, to the byte', async () => {
    expectSame(await play(zone), played);
  });

  it('the same between the steps of another run', async () => {
    const [a, b] = await Promise.all([play(zone), play(deploy)]);
    expectSame(a, played);
    expectSame(b, playedDeploy);
  });

  it('the same in worker threads, one or two, in the order of the requests', async () => {
    const expected = [playedDeploy.scorecard, played.scorecard];
    for (const jobs of [1, 2]) {
      const results = await runTrials([deploy, zone], { jobs });
      expect(results.map((one) => !isVoid(one) && one.scorecard)).toEqual(expected);
    }
  });

  it('another with another seed', async () => {
    const other = await play({ ...zone, seed: 4 });
    expect(other.record.telemetry.digest).not.toBe(played.record.telemetry.digest);
    expect(other.record.exogenousDigest).not.toBe(played.record.exogenousDigest);
  });
});

describe('chance from outside does not know the healer', () => {
  it('every draw is the same to the end, whoever heals', async () => {
    const others = [
      await play({ ...zone, healer: 'none' }),
      await play({ ...zone, healer: 'random' }),
    ];
    for (const { record } of others) {
      expect(record.exogenousDigest).toBe(played.record.exogenousDigest);
      expect(record.sli.noFault).toEqual(played.record.sli.noFault);
      expect(record.sli.unhealed).toEqual(played.record.sli.unhealed);
      expect(record.truth).toEqual(played.record.truth);
    }
    // Otherwise there would be nothing to compare; a random healer may do what changes nothing.
    const healed = [played, ...others].map(({ record }) => JSON.stringify(record.sli.healed.good));
    expect(new Set(healed).size).toBeGreaterThan(1);
  });
});
