import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Action, ActionOutcome, AuditEntry } from '../../core/observable/index.ts';
import { AuditLog, Guard, type GuardOptions, readShippedPolicies } from '../../healers/index.ts';
import { contextAt, diagnosisOf } from './context.ts';

const hourMs = 3_600_000;
const restart: Action = { kind: 'restart', target: 'shop/deployment/web', parameters: {} };
const context = contextAt(0);

function outcomeOf(
  action: Action,
  atMs: number,
  outcome: ActionOutcome['outcome'] = 'done',
): ActionOutcome {
  return { atMs, action, outcome, detail: '', before: {}, after: {} };
}

function at(atMs: number): typeof context {
  return { ...context, atMs };
}

describe('the guard says no, and why', () => {
  it('by kill switch', () => {
    const guard = new Guard({ killSwitch: true });
    expect(guard.review(restart, 'r', context).reason).toContain('kill switch');
    guard.setKillSwitch(false);
    expect(guard.review(restart, 'r', context).allowed).toBe(true);
  });

  it('by autonomy level', () => {
    expect(new Guard({ autonomy: 'L1' }).review(restart, 'r', context)).toEqual({
      allowed: false,
      reason: 'recommended only: restart is at autonomy L1',
    });
    // Time 0 is a Monday, 09:00 UTC.
    const supervised = new Guard({ autonomy: 'L2' });
    expect(supervised.review(restart, 'r', at(hourMs)).allowed).toBe(true);
    expect(supervised.review(restart, 'r', at(9 * hourMs)).reason).toContain('business hours');
    expect(supervised.review(restart, 'r', at(5 * 24 * hourMs)).reason).toContain('business hours');
    const rollback: Action = { ...restart, kind: 'rollback' };
    expect(supervised.review(rollback, 'r', at(hourMs)).reason).toContain('not a low-risk action');
    const mixed = new Guard({ autonomyByAction: { rollback: 'L1' } });
    expect(mixed.review(rollback, 'r', context).allowed).toBe(false);
    expect(mixed.review(restart, 'r', context).allowed).toBe(true);
  });

  it('by weak diagnosis', () => {
    const guard = new Guard({ confidenceMin: { restart: 0.5 } });
    const diagnosed = (weight: number) =>
      contextAt(0, { diagnoses: [diagnosisOf([['service/web', 'unknown', weight]])] });
    expect(guard.review(restart, 'r', diagnosed(0.4), 'incident-1').reason).toContain('too weak');
    expect(guard.review(restart, 'r', diagnosed(0.6), 'incident-1').allowed).toBe(true);
  });

  it('by the cooldown of the rule, which a failure does not start', () => {
    const policies = readShippedPolicies('examples');
    const guard = new Guard({ policies });
    expect(guard.review(restart, 'oom-restart', at(0)).allowed).toBe(true);
    guard.record(outcomeOf(restart, 0, 'failed'));
    expect(guard.review(restart, 'oom-restart', at(15_000)).allowed).toBe(true);
    guard.record(outcomeOf(restart, 15_000));
    expect(guard.review(restart, 'oom-restart', at(60_000)).reason).toBe(
      'cooldown of oom-restart on shop/deployment/web: 29 m 15 s left',
    );
    expect(guard.review(restart, 'oom-restart', at(15_000 + 30 * 60_000)).allowed).toBe(true);
  });

  it('by the restart budget of the policy', () => {
    const guard = new Guard({ limits: { cooldownMs: 0 } });
    const limited: Action = { ...restart, parameters: { restartCountLimit: 3 } };
    for (let i = 0; i < 3; i += 1) {
      expect(guard.review(limited, 'r', at(i * 60_000)).allowed).toBe(true);
      guard.record(outcomeOf(limited, i * 60_000));
    }
    expect(guard.review(limited, 'r', at(hourMs)).reason).toContain('was restarted 3 times');
    expect(guard.review(limited, 'r', at(25 * hourMs)).allowed).toBe(true);
  });

  it('by the action budget of an incident', () => {
    const guard = new Guard({ limits: { actionsPerIncidentMax: 1 } });
    expect(guard.review(restart, 'r', context, 'i1').allowed).toBe(true);
    expect(guard.review(restart, 'other', context, 'i1').reason).toContain('action budget');
    expect(guard.review(restart, 'other', context, 'i2').allowed).toBe(true);
  });

  it('by blast radius: a share of the nodes, one zone, more only of a zone known dead', () => {
    const guard = new Guard({ limits: { nodeShareMax: 0.2 } });
    const drain = (node: string): Action => ({
      kind: 'drain',
      target: `node/${node}`,
      parameters: {},
    });
    expect(guard.review(drain('a1'), 'r', context).allowed).toBe(true);
    expect(guard.review(drain('b1'), 'r', context).reason).toContain(
      'zone-a is being emptied already',
    );
    expect(guard.review(drain('a2'), 'r', context).allowed).toBe(true);
    expect(guard.review(drain('a3'), 'r', context).reason).toContain('2 of at most 2 nodes');
    const dead = contextAt(0, { diagnoses: [diagnosisOf([['zone/zone-a', 'zone_outage', 0.8]])] });
    expect(guard.review(drain('a3'), 'r', dead).allowed).toBe(true);
    const shift: Action = { kind: 'traffic_shift', target: 'zone/zone-b', parameters: {} };
    expect(guard.review(shift, 'r', dead).reason).toContain('one zone is the most');
  });

  it('but lets a held-up drain go on, and gives the budget of nothing done back', () => {
    const guard = new Guard({ limits: { actionsPerHourMax: 1 } });
    const drain: Action = { kind: 'drain', target: 'node/a1', parameters: {} };
    expect(guard.review(drain, 'r', at(0)).allowed).toBe(true);
    guard.record(outcomeOf(drain, 0, 'partial'));
    expect(guard.review(drain, 'r', at(15_000)).reason).toContain('unfinished');
    guard.record(outcomeOf(drain, 15_000));
    expect(guard.review(drain, 'r', at(30_000)).allowed).toBe(false);
    const idle = new Guard({ limits: { actionsPerHourMax: 1 } });
    idle.review(restart, 'r', at(0));
    idle.record(outcomeOf(restart, 0, 'no_change'));
    expect(idle.review(restart, 'r', at(0)).allowed).toBe(true);
  });
});

const actions: fc.Arbitrary<Action> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('restart' as const, 'rollback' as const, 'scale_up' as const),
    target: fc.constantFrom('web', 'cart', 'redis').map((name) => `shop/deployment/${name}`),
    parameters: fc.constant({}),
  }),
  fc.record({
    kind: fc.constantFrom('cordon' as const, 'drain' as const),
    target: fc.constantFrom('a1', 'a2', 'a3', 'b1', 'b2', 'c1').map((name) => `node/${name}`),
    parameters: fc.constant({}),
  }),
);

describe('properties', () => {
  it('no sequence of requests exceeds a limit, whether outcomes come at once, late or never', () => {
    const options: GuardOptions = {
      limits: {
        actionsPerHourMax: 6,
        actionsPerIncidentMax: 4,
        cooldownMs: 300_000,
        restartsPerDayMax: 2,
        nodeShareMax: 0.2,
        disruptedServiceShareMax: 0.5,
      },
    };
    const request = fc.record({
      action: actions,
      waitMs: fc.constantFrom(0, 15_000, 120_000, 600_000),
      incidentId: fc.constantFrom('i1', 'i2'),
      recorded: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 60 }), (requests) => {
        const guard = new Guard(options);
        const granted: { action: Action; atMs: number; incidentId: string }[] = [];
        let atMs = 0;
        for (const { action, waitMs, incidentId, recorded } of requests) {
          atMs += waitMs;
          if (!guard.review(action, 'r', at(atMs), incidentId).allowed) continue;
          granted.push({ action, atMs, incidentId });
          if (recorded) guard.record(outcomeOf(action, atMs));
        }
        for (const { atMs: end } of granted) {
          const hour = granted.filter((entry) => entry.atMs <= end && entry.atMs > end - hourMs);
          expect(hour.length).toBeLessThanOrEqual(6);
          const disrupted = hour.filter(({ action }) =>
            ['restart', 'rollback'].includes(action.kind),
          );
          expect(new Set(disrupted.map(({ action }) => action.target)).size).toBeLessThanOrEqual(2);
        }
        for (const id of ['i1', 'i2']) {
          expect(granted.filter((entry) => entry.incidentId === id).length).toBeLessThanOrEqual(4);
        }
        const nodes = new Set(
          granted.map(({ action }) => action.target).filter((t) => t.startsWith('node/')),
        );
        expect(nodes.size).toBeLessThanOrEqual(2);
        expect(new Set([...nodes].map((target) => target[5])).size).toBeLessThanOrEqual(1);
        for (const { action } of granted) {
          const same = granted.filter(
            (entry) => entry.action.kind === action.kind && entry.action.target === action.target,
          );
          if (action.kind === 'restart') expect(same.length).toBeLessThanOrEqual(2);
          for (const [i, entry] of same.slice(1).entries()) {
            expect(entry.atMs - (same[i]?.atMs ?? 0)).toBeGreaterThanOrEqual(300_000);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('the audit log shows any change, removal or reordering of its entries', () => {
    const log = new AuditLog();
    for (let i = 0; i < 6; i += 1) {
      log.append({
        atMs: i * 1000,
        decision: i % 2 ? 'allowed' : 'refused',
        rule: 'r',
        action: 'restart',
        target: `shop/deployment/${i}`,
        reason: 'because',
      });
    }
    expect(AuditLog.verify(log.entries)).toEqual({ ok: true, firstBadSequence: null });
    const index = fc.integer({ min: 0, max: 5 });
    const field = fc.constantFrom(
      'atMs',
      'decision',
      'rule',
      'target',
      'reason',
      'hash',
      'previousHash',
      'sequence',
    );
    fc.assert(
      fc.property(index, field, (i, name) => {
        const forged = log.entries.map((entry, at) =>
          at === i ? { ...entry, [name]: 'forged' } : entry,
        );
        const verdict = AuditLog.verify(forged as AuditEntry[]);
        expect(verdict.ok).toBe(false);
        expect(verdict.firstBadSequence).toBe(i);
      }),
    );
    fc.assert(
      fc.property(index, index, (i, j) => {
        fc.pre(i !== j);
        const moved = [...log.entries];
        [moved[i], moved[j]] = [moved[j] as AuditEntry, moved[i] as AuditEntry];
        expect(AuditLog.verify(moved)).toEqual({ ok: false, firstBadSequence: Math.min(i, j) });
        const cut = log.entries.filter((_, at) => at !== Math.min(i, j));
        expect(AuditLog.verify(cut).ok).toBe(false);
      }),
    );
  });
});
