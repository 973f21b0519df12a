import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../../../core/truth/index.ts';
import { recordDigest, score } from '../../../lab/score/score.ts';
import { fixtureRecord } from '../../reports/fixture.ts';

const record = fixtureRecord();
const card = (
  change: (record: RunRecord) => RunRecord = (same) => same,
): ReturnType<typeof score> => score(change(record), 'replay');
const without =
  (...types: string[]) =>
  (given: RunRecord): RunRecord => ({
    ...given,
    events: given.events.filter((event) => !types.includes(event.type)),
  });

/** The run with the healed users' fate replaced by that of another branch. */
const swapped =
  (branch: 'unhealed' | 'noFault') =>
  (given: RunRecord): RunRecord => ({
    ...given,
    sli: { ...given.sli, healed: given.sli[branch] },
  });

describe('score', () => {
  it('is pure and its digest leaves wall-clock figures out', () => {
    expect(card()).toEqual(card());
    const slower = { ...record, performance: { simulatedMs: 1, wallMs: 99 } };
    expect(recordDigest(slower)).toBe(recordDigest(record));
    expect(recordDigest({ ...record, seed: record.seed + 1 })).not.toBe(recordDigest(record));
  });

  it('counts the first incident in the window as right', () => {
    const { detection } = card();
    expect(detection).toMatchObject({
      truePositives: 1,
      falseNegatives: 0,
      precision: 1,
      recall: 1,
    });
    expect(detection.timeToDetectMs).toBe(
      (detection.incidents[0]?.openedAtMs as number) - (record.truth.onsetMs as number),
    );
  });

  it('counts a missed fault as false negative, and as a wrong diagnosis', () => {
    const missed = card(
      without('incident_opened', 'incident_updated', 'incident_closed', 'diagnosed'),
    );
    expect(missed.detection).toMatchObject({
      truePositives: 0,
      falseNegatives: 1,
      recall: 0,
      precision: null,
      timeToDetectMs: null,
    });
    expect(missed.diagnosis).toMatchObject({ top1: false, rank: null });
  });

  it('counts an incident before the injection as false', () => {
    const early = card((given) => ({
      ...given,
      events: given.events.map((event) =>
        event.type === 'incident_opened'
          ? { ...event, incident: { ...event.incident, openedAtMs: 60_000 } }
          : event,
      ),
    }));
    expect(early.detection).toMatchObject({
      truePositives: 0,
      falsePositives: 1,
      falseNegatives: 1,
    });
  });

  it('a second incident in the window is a duplicate and not false', () => {
    const doubled = card((given) => ({
      ...given,
      events: given.events.flatMap((event) =>
        event.type === 'incident_opened'
          ? [event, { ...event, incident: { ...event.incident, id: 'inc-2' } }]
          : [event],
      ),
    }));
    expect(doubled.detection).toMatchObject({
      truePositives: 1,
      duplicates: 1,
      falsePositives: 0,
      precision: 1,
    });
  });

  it('scores the trivial baselines by the same rules', () => {
    const { baselines } = card();
    expect(baselines.detection[0]).toMatchObject({
      detector: 'three_sigma',
      truePositives: 0,
      falsePositives: 1,
      recall: 0,
      timeToDetectMs: null,
    });
    expect(baselines.detection.slice(1).map(({ detector }) => detector)).toEqual([
      'always_on',
      'constant',
    ]);
    expect(baselines.diagnosis).toEqual([
      { localizer: 'loudest_service', top1: false, top3: true, rank: 2 },
    ]);
  });

  it('tells recovered from lost by the users, not by the actions', () => {
    expect(card().outcome).toBe('recovered');
    expect(card().healing.recovered).toBe(true);
    const unhealed = card(swapped('unhealed'));
    expect(['lost', 'degraded', 'recovered']).toContain(unhealed.outcome);
    expect(unhealed.resilience.availability as number).toBeLessThan(
      card().resilience.availability as number,
    );
    expect(card(swapped('noFault')).outcome).toBe('healthy');
    expect(card(swapped('noFault')).healing.timeToRecoverMs).toBe(0);
  });

  it('a healthy scenario misses on any incident and on any action', () => {
    const healthy = card((given) => ({
      ...given,
      expect: { ...given.expect, incidentsMax: 0, actionsMax: 0 },
      truth: { ...given.truth, injectedAtMs: null, onsetMs: null, rootCauses: [] },
      sli: { ...given.sli, healed: given.sli.noFault, unhealed: given.sli.noFault },
    }));
    expect(healthy.resilience.passed).toBe(false);
    expect(healthy.resilience.criteria.filter((c) => !c.passed).map((c) => c.name)).toEqual([
      'incidents',
      'actions',
    ]);
    expect(healthy.detection.recall).toBeNull();
  });
});
