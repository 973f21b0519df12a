import { describe, expect, it } from 'vitest';
import { actionKinds, type HealerContext, type Plan } from '../../core/observable/index.ts';
import { createHealer, Executor, healerNames, readShippedPolicies } from '../../healers/index.ts';
import { contextAt, diagnosisOf, incidentOn } from '../healers/context.ts';
import { FakeCluster, nodeObject, testTopology } from '../healers/fake-cluster.ts';

const policies = readShippedPolicies('default');
const suspects: Parameters<typeof diagnosisOf>[0][] = [
  [['zone/zone-a', 'zone_outage', 0.9]],
  [['node/b1', 'node_outage', 0.9]],
  [['service/cart', 'bad_release', 0.8]],
  [['service/redis', 'network_latency', 0.8]],
  [['user/*', 'load_surge', 0.8]],
  [['external/bank', 'unknown', 0.8]],
];

/** An hour of scrapes in which every kind of diagnosis comes up, four minutes each. */
function* anHour(): Generator<HealerContext> {
  for (let atMs = 15_000; atMs <= 3_600_000; atMs += 60_000) {
    const id = `incident-${Math.floor(atMs / 600_000)}`;
    const chosen = suspects[Math.floor(atMs / 240_000) % suspects.length] ?? [];
    yield contextAt(atMs, {
      incidents: [incidentOn('service/web', id)],
      diagnoses: [diagnosisOf(chosen, id)],
    });
  }
}

function runHour(name: (typeof healerNames)[number], seed = 1): Plan[] {
  const healer = createHealer(name, { policies, seed });
  const plans: Plan[] = [];
  for (const context of anHour()) {
    for (const plan of healer.decide(context)) {
      plans.push(plan);
      for (const action of plan.steps) {
        const { atMs } = context;
        healer.observe({ atMs, action, outcome: 'done', detail: '', before: {}, after: {} });
      }
    }
  }
  return plans;
}

describe.each(healerNames)('healer %s', (name) => {
  it('keeps still when there is no incident', () => {
    const healer = createHealer(name, { policies, seed: 1 });
    expect(healer.name).toBe(name);
    for (let atMs = 0; atMs < 600_000; atMs += 15_000) {
      expect(healer.decide(contextAt(atMs))).toEqual([]);
    }
  });

  it('decides the same again from the same seed', () => {
    expect(runHour(name)).toEqual(runHour(name));
  });

  it('plans only for open incidents, with a reason and steps, at the time of the context', () => {
    for (const plan of runHour(name)) {
      expect(plan.steps.length).toBeGreaterThan(0);
      expect(plan.reason).not.toBe('');
      expect(plan.rule).not.toBe('');
      expect(plan.incidentId).toBe(`incident-${Math.floor(plan.atMs / 600_000)}`);
    }
  });

  it('asks only for what the executor can carry out', async () => {
    const cluster = new FakeCluster(testTopology.nodes.map((node) => nodeObject(node.name)));
    const executor = new Executor(cluster, { nowMs: () => 0, topology: testTopology });
    for (const { steps } of runHour(name)) {
      for (const action of steps) {
        expect(actionKinds).toContain(action.kind);
        const { outcome, detail } = await executor.execute(action);
        expect(['done', 'partial', 'no_change', 'failed']).toContain(outcome);
        expect(detail).not.toBe('');
      }
    }
  });
});

it('the random healer depends on its seed, and the policy healer does not', () => {
  expect(runHour('random', 1)).not.toEqual(runHour('random', 2));
  expect(runHour('policy', 1)).toEqual(runHour('policy', 2));
});
