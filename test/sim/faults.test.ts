import { beforeAll, describe, expect, it } from 'vitest';
import { type Fault, type FaultKind, faultKinds } from '../../core/truth/index.ts';
import type { Twin } from '../../sim/index.ts';
import { faultOf, goodRatio, warmTwin } from './boutique.ts';
import { FaultBench } from './fault-bench.ts';
import { catalogue, noPods, specimens } from './fault-specimens.ts';

const minuteMs = 60_000;

/** Kinds whose effect is in the API's objects, not in conditions. */
const editsObjects: ReadonlySet<FaultKind> = new Set(['object_edit', 'pod_kill', 'node_drain']);

describe('every kind takes hold, shows, and lets go', () => {
  let warm: Twin;
  let untouched: FaultBench;
  beforeAll(async () => {
    warm = await warmTwin({ telemetry: false });
    untouched = FaultBench.create();
  });

  it.each(faultKinds)('%s changes conditions and puts them back exactly', async (kind) => {
    const bench = untouched.fork();
    bench.schedule.add([{ ...specimens[kind].fault, durationMs: 3 * minuteMs }]);
    const before = untouched.conditions;
    await bench.play(minuteMs);
    expect(bench.conditions).toEqual(before);
    await bench.play(minuteMs + 1000);
    if (!editsObjects.has(kind)) expect(bench.conditions).not.toEqual(before);
    // A ramp may outlive the end by its length.
    await bench.play(5 * minuteMs);
    expect(bench.conditions).toEqual(before);
    expect(await bench.image(catalogue)).toBe(await untouched.image(catalogue));
  });

  it.each(faultKinds)('%s is felt, and users recover after it', async (kind) => {
    const { fault, shows, recoveryMs } = specimens[kind];
    const endMs = 4 * minuteMs;
    const broken = warm.fork({ faults: 'keep', telemetry: false });
    const sound = warm.fork({ faults: 'keep', telemetry: false });
    broken.schedule([fault]);
    for (const twin of [broken, sound]) await twin.advance(3 * minuteMs);
    shows(broken, sound);
    await broken.advance(endMs);
    await broken.rollBack();
    const backMs = endMs + recoveryMs;
    for (const twin of [broken, sound]) await twin.advance(backMs + minuteMs);
    const gap = goodRatio(sound, backMs, Infinity) - goodRatio(broken, backMs, Infinity);
    expect(Math.abs(gap)).toBeLessThan(0.005);
    expect(await imageOf(broken, catalogue)).toBe(await imageOf(sound, catalogue));
    expect(await unreadyOf(broken)).toEqual([]);
  });
});

async function imageOf({ cluster }: Twin, name: string): Promise<string | undefined> {
  const answer = await cluster.get({ kind: 'Deployment', namespace: 'default', name });
  return answer.ok ? answer.object.spec?.template.spec?.containers[0]?.image : undefined;
}

async function unreadyOf({ cluster }: Twin): Promise<string[]> {
  const answer = await cluster.list('Deployment');
  if (!answer.ok) throw new Error(answer.status.message);
  return answer.object
    .filter(({ spec, status }) => (status?.readyReplicas ?? 0) < (spec?.replicas ?? 1))
    .map(({ metadata }) => metadata?.name ?? '');
}

describe('an edit that the API refuses', () => {
  const gone = { kind: 'Deployment', namespace: 'default', name: 'no-such' } as const;
  const edit = (faultClass: Fault['faultClass']): Fault => ({
    ...faultOf({ kind: 'object_edit', target: `service/${catalogue}`, startMs: 0, faultClass }),
    edits: [{ verb: 'patch', object: gone, patch: { type: 'merge', body: noPods } }],
  });

  it('of a scenario is an error of its author', async () => {
    const bench = FaultBench.create();
    bench.schedule.add([edit('misconfiguration')]);
    await expect(bench.play(1000)).rejects.toThrow(/object_edit on .*no-such/);
  });

  it('of everyday life is given up', async () => {
    const bench = FaultBench.create();
    bench.schedule.add([edit(null)]);
    await expect(bench.play(1000)).resolves.toBe(bench);
  });
});
