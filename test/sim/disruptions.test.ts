import { describe, expect, it } from 'vitest';
import { faultOf } from './boutique.ts';
import { FaultBench } from './fault-bench.ts';

const minuteMs = 60_000;

describe('a drain of a zone', () => {
  it('takes node after node away within the budgets and gives each back', async () => {
    const bench = FaultBench.create();
    const { control } = bench;
    bench.schedule.add([
      faultOf({
        kind: 'node_drain',
        target: 'zone/us-east-1c',
        startMs: 0,
        parameters: { rebootMs: 60_000, pauseMs: 30_000 },
      }),
    ]);
    const budgets = await control.api.list('PodDisruptionBudget');
    if (!budgets.ok) throw new Error(budgets.status.message);
    const guarded = new Set(budgets.object.map(({ metadata }) => metadata?.name));
    const away: string[] = [];
    for (let atMs = 0; atMs < 15 * minuteMs; atMs += 1000) {
      await bench.play(atMs + 1000);
      const { nodes, workloads } = control.view;
      const off = nodes.filter(({ powered }) => !powered).map(({ name }) => name);
      expect(off.length).toBeLessThanOrEqual(1);
      if (off[0] !== undefined && off[0] !== away.at(-1)) away.push(off[0]);
      for (const { workload, ready, desired } of workloads) {
        if (guarded.has(workload))
          expect(ready, `${workload} at ${atMs}`).toBeGreaterThanOrEqual(desired - 1);
      }
    }
    expect(away).toEqual(['node-c1', 'node-c2', 'node-c3']);
    const left = await control.api.list('Node');
    if (!left.ok) throw new Error(left.status.message);
    expect(left.object.filter(({ spec }) => spec?.unschedulable)).toEqual([]);
    expect(bench.conditions.rebootingNodes.size).toBe(0);
  });

  it('that is cut short leaves no node cordoned', async () => {
    const bench = FaultBench.create();
    const drain = faultOf({ kind: 'node_drain', target: 'node/node-a1', startMs: 0 });
    bench.schedule.add([{ ...drain, durationMs: 3000 }]);
    await bench.play(2000);
    const ref = { kind: 'Node', name: 'node-a1' } as const;
    const during = await bench.control.api.get(ref);
    expect(during.ok && during.object.spec?.unschedulable).toBe(true);
    await bench.play(5000);
    const after = await bench.control.api.get(ref);
    expect(after.ok && after.object.spec?.unschedulable).toBeUndefined();
  });
});

describe('killed pods', () => {
  const podsOf = (bench: FaultBench): { uid: string; restartCount: number }[] =>
    bench.control.view.pods.filter(({ service }) => service === 'frontend');

  it.each([
    [{ mode: 'pod', share: 0.5 }, 2],
    [{ mode: 'pod', count: 1 }, 1],
    [{ mode: 'pod', share: 1 }, 3],
  ])('%j of three takes %i', async (parameters, killed) => {
    const bench = FaultBench.create();
    const before = new Set(podsOf(bench).map(({ uid }) => uid));
    bench.schedule.add([
      faultOf({ kind: 'pod_kill', target: 'service/frontend', startMs: 0, parameters }),
    ]);
    await bench.play(1000);
    const left = podsOf(bench).filter(({ uid }) => before.has(uid));
    expect(left).toHaveLength(3 - killed);
  });

  it('processes are killed in intervals, until the end', async () => {
    const bench = FaultBench.create();
    const parameters = { mode: 'container', share: 1, intervalMs: 60_000 };
    const kill = faultOf({ kind: 'pod_kill', target: 'service/frontend', startMs: 0, parameters });
    bench.schedule.add([{ ...kill, durationMs: 150_000 }]);
    await bench.play(10 * minuteMs);
    expect(podsOf(bench).map(({ restartCount }) => restartCount)).toEqual([3, 3, 3]);
  });
});
