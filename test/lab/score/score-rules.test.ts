import { describe, expect, it } from 'vitest';
import type { RunRecord, Scorecard } from '../../../core/truth/index.ts';
import { score } from '../../../lab/score/score.ts';
import { scoreDoingNothing } from '../../../lab/score/score-resilience.ts';
import {
  acted,
  diagnosed,
  dip,
  durationMs,
  healthyRecordOf,
  injectedMs,
  onsetMs,
  opened,
  recordOf,
  sliOf,
} from '../hand-made.ts';

const minuteMs = 60_000;
const recoveredMs = onsetMs + 2 * minuteMs;
const cardOf = (record: RunRecord): Scorecard => score(record, 'replay');
const verdictsOf = (record: RunRecord): string[] =>
  cardOf(record).detection.incidents.map(({ verdict }) => verdict);

describe('which incident is right', () => {
  it('none later than a minute after recovery', () => {
    const events = [opened(onsetMs + 15_000), opened(recoveredMs + 60_000)];
    expect(verdictsOf(recordOf({ events }))).toEqual(['true_positive', 'duplicate']);
    const late = [opened(onsetMs + 15_000), opened(recoveredMs + 61_000)];
    expect(verdictsOf(recordOf({ events: late }))).toEqual(['true_positive', 'false']);
  });

  it('from injection on, or a scrape before onset where users were first', () => {
    expect(verdictsOf(recordOf({ events: [opened(injectedMs)] }))).toEqual(['true_positive']);
    expect(verdictsOf(recordOf({ events: [opened(injectedMs - 1000)] }))).toEqual(['false']);
  });

  it('a false one within five minutes of an own action is self-inflicted, and false all the same', () => {
    const events = [acted(100_000), opened(400_000), opened(401_000)];
    const { detection } = cardOf(recordOf({ events }));
    expect(detection.incidents.map(({ verdict }) => verdict)).toEqual(['self_inflicted', 'false']);
    expect(detection).toMatchObject({ selfInflicted: 1, falsePositives: 2, falseNegatives: 1 });
    const { detection: refused } = cardOf(
      recordOf({ events: [acted(100_000, { outcome: 'refused' }), opened(150_000)] }),
    );
    expect(refused).toMatchObject({ selfInflicted: 0, falsePositives: 1 });
  });

  it('precision is over right and false ones, duplicates apart', () => {
    const events = [60_000, onsetMs, onsetMs + 15_000].map((atMs) => opened(atMs));
    expect(cardOf(recordOf({ events })).detection).toMatchObject({
      precision: 0.5,
      recall: 1,
      f1: 2 / 3,
    });
  });

  it('one that is open before users feel anything has a lead and no delay', () => {
    expect(cardOf(recordOf({ events: [opened(onsetMs - 20_000)] })).detection).toMatchObject({
      timeToDetectMs: 0,
      leadTimeMs: 20_000,
    });
    expect(cardOf(recordOf({ events: [opened(onsetMs + 20_000)] })).detection).toMatchObject({
      timeToDetectMs: 20_000,
      leadTimeMs: null,
    });
  });
});

describe('false incidents per day', () => {
  it('count what lies before the injection, over that time', () => {
    const events = [opened(300_000), opened(onsetMs), opened(recoveredMs + 10 * minuteMs)];
    const { detection } = cardOf(recordOf({ events }));
    expect(detection.falsePositives).toBe(2);
    expect(detection.healthyHours).toBeCloseTo(1 / 6, 12);
    expect(detection.falseIncidentsPerDay).toBeCloseTo(24 * 6, 9);
  });

  it('count all incidents of a healthy run over all of it', () => {
    const events = [opened(300_000), opened(1_700_000)];
    const { detection } = cardOf(healthyRecordOf({ events }));
    expect(detection).toMatchObject({ healthyHours: 0.5, falseIncidentsPerDay: 2 * 48 });
  });
});

describe('which diagnosis is judged', () => {
  const foundMs = onsetMs + 15_000;
  const [right, wrong] = ['service/cartservice', 'service/adservice'];
  const found = opened(foundMs, 'inc-1');
  const top1 = (...events: RunRecord['events']): boolean | null =>
    cardOf(recordOf({ events: [found, ...events] })).diagnosis.top1;

  it('the last within a minute of detection', () => {
    const first = diagnosed(foundMs, 'inc-1', [wrong]);
    expect(top1(first, diagnosed(foundMs + 60_000, 'inc-1', [right]))).toBe(true);
    expect(top1(first, diagnosed(foundMs + 75_000, 'inc-1', [right]))).toBe(false);
  });

  it('the one that was acted on, where that came earlier', () => {
    const first = diagnosed(foundMs, 'inc-1', [wrong]);
    const second = diagnosed(foundMs + 30_000, 'inc-1', [right]);
    expect(top1(first, acted(foundMs + 15_000), second)).toBe(false);
    expect(top1(first, acted(foundMs + 30_000), second)).toBe(true);
  });

  it('rank, class and time come from it', () => {
    const events = [found, diagnosed(foundMs + 15_000, 'inc-1', [wrong, right])];
    expect(cardOf(recordOf({ events })).diagnosis).toMatchObject({
      top1: false,
      top3: true,
      rank: 2,
      faultClassCorrect: true,
      timeToDiagnoseMs: 30_000,
    });
  });
});

describe('how a run ended', () => {
  const outcomeOf = (healed: ReturnType<typeof dip>): string =>
    cardOf(recordOf({ healed })).outcome;

  it('half of the requests served at its end is degraded, less is lost', () => {
    expect(outcomeOf(dip(0.6, onsetMs))).toBe('degraded');
    expect(outcomeOf(dip(0.4, onsetMs))).toBe('lost');
  });

  it('a recovery before a relapse of 15 s is none', () => {
    const relapse =
      (untilMs: number) =>
      (atMs: number): number => {
        const isDown = atMs >= onsetMs && atMs < recoveredMs;
        return isDown || (atMs >= 1_200_000 && atMs < untilMs) ? 0.4 : 1;
      };
    const { healing } = cardOf(recordOf({ healed: relapse(1_215_000) }));
    expect(healing).toMatchObject({ recovered: true, recoveredAtMs: 1_215_000 });
    const blip = cardOf(recordOf({ healed: relapse(1_210_000) })).healing;
    expect(blip).toMatchObject({ recoveredAtMs: recoveredMs, timeToRecoverMs: 2 * minuteMs });
    expect(cardOf(recordOf({ healed: relapse(durationMs) })).outcome).toBe('lost');
  });

  it('back for less than a minute at the end is no recovery', () => {
    expect(outcomeOf(dip(0.6, onsetMs, durationMs - minuteMs))).toBe('recovered');
    expect(outcomeOf(dip(0.6, onsetMs, durationMs - 55_000))).toBe('degraded');
  });
});

describe('harm and regret', () => {
  it('done actions at harmful instants count', () => {
    const events = [
      acted(700_000),
      acted(700_000),
      acted(700_000, { outcome: 'failed' }),
      acted(800_000),
    ];
    const record = recordOf({ events, record: { harmfulAtMs: [700_000] } });
    expect(cardOf(record).healing.harmfulActions).toBe(2);
    expect(cardOf({ ...record, harmfulAtMs: [] }).healing.harmfulActions).toBe(0);
  });

  it('regret is the share of what the oracle saves, over ten minutes from onset', () => {
    const regretOf = (lostRequests: number, healed?: ReturnType<typeof dip>): number | null =>
      cardOf(recordOf({ healed, record: { oracle: { lostRequests, plan: 'do nothing' } } })).healing
        .regret;
    // Half of 20 requests a second: 6000 in ten minutes unhealed, 1200 in the two minutes healed.
    expect(regretOf(0)).toBeCloseTo(0.8, 12);
    expect(regretOf(1200)).toBeCloseTo(1, 12);
    expect(regretOf(0, dip(0.5, onsetMs))).toBeCloseTo(0, 12);
    expect(regretOf(0, dip(0, onsetMs, onsetMs + 10 * minuteMs))).toBeCloseTo(-1, 12);
    expect(regretOf(6000)).toBeNull();
    expect(cardOf(recordOf()).healing.regret).toBeNull();
  });
});

describe('availability', () => {
  const availabilityOf = (record: RunRecord): number =>
    cardOf(record).resilience.availability as number;

  it('is over the time from onset', () => {
    expect(availabilityOf(recordOf())).toBeCloseTo(1 - 60 / 1170, 12);
  });

  it('is over the time from the first action that did something, where that came earlier', () => {
    const healed = (atMs: number): number =>
      (atMs >= 300_000 && atMs < 400_000) || (atMs >= onsetMs && atMs < recoveredMs) ? 0.5 : 1;
    const early = acted(300_000);
    expect(availabilityOf(recordOf({ healed, events: [early] }))).toBeCloseTo(1 - 110 / 1500, 12);
    const refused = acted(300_000, { outcome: 'refused' });
    expect(availabilityOf(recordOf({ healed, events: [refused] }))).toBeCloseTo(1 - 60 / 1170, 12);
  });

  it('is over what users asked for in a surge, with requests turned away counted as lost', () => {
    const surge = (atMs: number): number => (atMs >= onsetMs ? 3 : 1);
    const sli = {
      healed: sliOf((atMs) => (atMs >= onsetMs ? 1.5 : 1)),
      unhealed: sliOf(1, surge),
      noFault: sliOf(1),
    };
    const record = recordOf({ record: { sli } });
    expect(availabilityOf(record)).toBeCloseTo(0.5, 12);
    expect(scoreDoingNothing(record).availability).toBeCloseTo(1 / 3, 12);
  });
});

describe('criteria', () => {
  const missedBy = (record: RunRecord): string[] =>
    cardOf(record)
      .resilience.criteria.filter(({ passed }) => !passed)
      .map(({ name }) => name);
  const actAtMs = onsetMs + 30_000;

  it('all are met by one action on the cause', () => {
    const card = cardOf(recordOf({ events: [acted(actAtMs)] }));
    expect(card.resilience.passed).toBe(true);
    expect(card.resilience.criteria.map(({ name }) => name)).toEqual([
      'availability',
      'recovery',
      'collateral actions',
      'held after the last action',
      'actions',
    ]);
  });

  it('an action on what the fault neither sat in nor reached is collateral', () => {
    const on = (target: string): RunRecord =>
      recordOf({ events: [acted(actAtMs), acted(actAtMs, { target })] });
    expect(missedBy(on('default/deployment/adservice'))).toEqual(['collateral actions']);
    expect(missedBy(on('node/node-a1'))).toEqual(['collateral actions']);
    expect(missedBy(on('default/deployment/frontend'))).toEqual([]);
    const refused = acted(actAtMs, { target: 'node/node-a1', outcome: 'refused' });
    expect(missedBy(recordOf({ events: [refused] }))).toEqual([]);
  });

  it('a cure has to hold for two minutes after the last action', () => {
    const until = (atMs: number): RunRecord => recordOf({ events: [acted(actAtMs), acted(atMs)] });
    expect(missedBy(until(durationMs - 120_000))).toEqual([]);
    expect(missedBy(until(durationMs - 119_000))).toEqual(['held after the last action']);
  });

  it('a faulty run has a budget of 15 actions, unless the scenario sets another', () => {
    const times = (n: number, actionsMax: number | null = null): RunRecord =>
      recordOf({ events: Array.from({ length: n }, () => acted(actAtMs)), expect: { actionsMax } });
    expect(missedBy(times(15))).toEqual([]);
    expect(missedBy(times(16))).toEqual(['actions']);
    expect(missedBy(times(2, 1))).toEqual(['actions']);
  });

  it('recovery has to be in time', () => {
    expect(missedBy(recordOf({ expect: { recoveryMaxMs: 120_000 } }))).toEqual(['recovery']);
    expect(missedBy(recordOf({ expect: { recoveryMaxMs: 121_000 } }))).toEqual([]);
  });

  it('a healthy run has no budget for what its scenario forbids', () => {
    const none = { incidentsMax: 0, actionsMax: 0 };
    expect(missedBy(healthyRecordOf({ expect: none }))).toEqual([]);
    const events = [opened(300_000), acted(300_000)];
    expect(missedBy(healthyRecordOf({ expect: none, events }))).toEqual(['incidents', 'actions']);
  });
});

describe('doing nothing', () => {
  it('is held against the same limits', () => {
    expect(scoreDoingNothing(recordOf())).toEqual({
      recovered: false,
      timeToRecoverMs: null,
      availability: 0.5,
      passed: false,
    });
  });

  it('passes where trouble ends by itself in time', () => {
    const record = recordOf({ truth: { unhealedRecoveryMs: onsetMs + 120_000 } });
    const sli = { ...record.sli, unhealed: sliOf(dip(0.5, onsetMs, onsetMs + 120_000)) };
    expect(scoreDoingNothing({ ...record, sli })).toMatchObject({
      recovered: true,
      timeToRecoverMs: 120_000,
      passed: true,
    });
  });

  it('passes a healthy run, whatever the stack did in it', () => {
    const events = [opened(300_000), acted(300_000)];
    const expected = { incidentsMax: 0, actionsMax: 0 };
    expect(scoreDoingNothing(healthyRecordOf({ events, expect: expected }))).toMatchObject({
      recovered: null,
      passed: true,
    });
  });
});
