import { beforeAll, describe, expect, it } from 'vitest';
import type { Fault } from '../../core/truth/index.ts';
import { faultOf } from './boutique.ts';
import { FaultBench, ordersOf } from './fault-bench.ts';
import { catalogue, delay, load, powerLoss, release } from './fault-specimens.ts';

const minuteMs = 60_000;

describe('faults of one kind that overlap end in any order', () => {
  let untouched: FaultBench;
  beforeAll(() => {
    untouched = FaultBench.create();
  });

  /** With the faults at these indexes only, begun as in the full list, none of them ended. */
  async function only(faults: readonly Fault[], indexes: readonly number[]): Promise<FaultBench> {
    const bench = untouched.fork();
    bench.schedule.add(indexes.map((i) => faults[i] as Fault));
    return bench.play(minuteMs);
  }

  it.each<[string, readonly Fault[]]>([
    ['one zone cut off twice', [faultOf({}), faultOf({})]],
    [
      'two zones, one of them twice',
      [faultOf({}), faultOf({ target: 'zone/us-east-1b' }), faultOf({})],
    ],
    [
      'power of a zone and of a node in it',
      [powerLoss('zone/us-east-1a'), powerLoss('node/node-a2')],
    ],
    ['power of a node and of its zone', [powerLoss('node/node-a2'), powerLoss('zone/us-east-1a')]],
    ['delays whose sum is not exact', [delay(0.1), delay(0.2), delay(0.3)]],
    ['load on all and on one journey', [load(2, 0), load(3, 0, 'user/checkout'), load(3, 0)]],
    ['two equal loads', [load(2, 0), load(2, 0)]],
    ['a release over a release', [release('v0.11.0'), release('v0.12.0')]],
    ['three releases', [release('v0.11.0'), release('v0.12.0'), release('v0.13.0')]],
  ])('%s', async (_name, specimen) => {
    await checkOrders(specimen.map((fault, i) => ({ ...fault, startMs: 5000 * i })));
    // And all of them begun in one tick.
    await checkOrders(specimen.map((fault) => ({ ...fault, startMs: 0 })));
  });

  async function checkOrders(faults: readonly Fault[]): Promise<void> {
    for (const order of ordersOf(faults.length)) {
      const bench = untouched.fork();
      bench.schedule.add(
        faults.map((fault, i) => {
          return { ...fault, durationMs: (1 + order.indexOf(i)) * minuteMs - fault.startMs };
        }),
      );
      await bench.play(minuteMs);
      for (let ended = 1; ended <= order.length; ended += 1) {
        await bench.play(ended * minuteMs + 2000);
        const left = order.slice(ended).toSorted();
        const expected = await only(faults, left);
        const label = `ended ${order.slice(0, ended)}, left ${left}`;
        expect(bench.conditions, label).toEqual(expected.conditions);
        expect(await bench.image(catalogue), label).toBe(await expected.image(catalogue));
      }
    }
  }

  it('a release that runs already is followed by the next one, and both are taken back', async () => {
    const original = await untouched.image(catalogue);
    const bench = untouched.fork();
    const asked = (errorRatio: number): Fault =>
      release('v0.11.0', { parameters: { tag: 'v0.11.0', errorRatio } });
    bench.schedule.add([
      { ...asked(0.1), startMs: 0, durationMs: 2 * minuteMs },
      { ...asked(0.4), startMs: 5000, durationMs: 3 * minuteMs - 5000 },
    ]);
    const traits = (tag: string): number | undefined =>
      bench.conditions.releaseTraits.get(`${catalogue}@${tag}`)?.errorRatio;
    await bench.play(minuteMs);
    expect([traits('v0.11.0'), traits('v0.11.1')]).toEqual([0.1, 0.4]);
    expect(await bench.image(catalogue)).toMatch(/:v0\.11\.1$/);
    await bench.play(3 * minuteMs + 2000);
    expect([traits('v0.11.0'), traits('v0.11.1')]).toEqual([undefined, undefined]);
    expect(await bench.image(catalogue)).toBe(original);
  });
});
