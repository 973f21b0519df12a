import { describe, expect, it } from 'vitest';
import type { ClusterView, NodeView, PodView } from '../../../sim/cluster-view.ts';
import type { Conditions } from '../../../sim/conditions.ts';
import { type Amounts, steadyCourse } from '../../../sim/impairments/impairment.ts';
import {
  Bench,
  callSpec,
  clusterView,
  journeySpec,
  operationSpec,
  podView,
  serviceSpec,
  twinSpec,
} from './fixture.ts';
import { expectConserved, pod } from './flow-figures.ts';

const operations = Array.from({ length: 20 }, (_, k) => `Op${k}`);

/** Many operations on pods of one zone, each of which calls a store there. */
const spec = twinSpec({
  services: [
    serviceSpec(
      'front',
      operations.map((name, k) =>
        operationSpec(name, { cpuMs: 2 + k / 10, calls: [callSpec('store', 'Read')] }),
      ),
      { concurrencyMax: 4000, coldFactor: 2, coldMs: 20_000 },
    ),
    serviceSpec('store', [operationSpec('Read', { cpuMs: 1 })]),
  ],
  journeys: operations.map((name) => journeySpec(`visit-${name}`, 'front', name)),
  workload: { requestsPerSec: 400 },
});

const first = podView('front', 'a', { name: 'first' });
const store = podView('store', 'a', { cpuLimitCores: 8 });
/** Of no service: they make the system large. */
const crowd = Array.from({ length: 1000 }, (_, k) => podView('none', 'b', { name: `other-${k}` }));

interface Circumstances {
  readonly view?: Partial<ClusterView>;
  readonly prepare?: (conditions: Conditions) => void;
  /** The same pods as they were in the 20 s before; three more are told of then. */
  readonly before?: readonly PodView[];
}

/** What a window tells of both pods, by the order in which they stand in the view. */
function figures(
  front: readonly PodView[],
  { view = {}, prepare = () => {}, before = [] }: Circumstances = {},
): number[][] {
  const bench = new Bench(spec);
  prepare(bench.conditions);
  if (before.length > 0) bench.window(clusterView([...before, store, ...crowd]), 20);
  const seconds = before.length > 0 ? 3 : 30;
  const window = bench.window(clusterView([...front, store, ...crowd], view), seconds);
  expectConserved(bench);
  return ['first', 'second'].map((name) => {
    const { cpuCores, inFlight, throttledRatio, memoryBytes, operations } = pod(window, name);
    const laws = operations.flatMap(({ requestsPerSec, errorRatio, ownLatency }) => {
      return [requestsPerSec, errorRatio, ownLatency.meanMs, ownLatency.varianceMs2];
    });
    return [cpuCores, inFlight, throttledRatio, memoryBytes, ...laws];
  });
}

/** Who stands second may be taken to be like the first, but not the other way round. */
function expectOwnFigures(changes: Partial<PodView>, circumstances: Circumstances = {}): void {
  const second = podView('front', 'a', { name: 'second', ...changes });
  const ahead = figures([first, second], circumstances);
  expectSame(ahead, figures([second, first], circumstances));
  expect(ahead[0]).not.toEqual(ahead[1]);
}

function expectSame(ahead: number[][], behind: number[][]): void {
  ahead.flat().forEach((figure, i) => {
    expect(Math.abs(figure - (behind.flat()[i] as number))).toBeLessThan(1e-9 * (1 + figure));
  });
}

/** Only the second pod has it. */
function withWork(amounts: Amounts): (conditions: Conditions) => void {
  const anywhere = { service: '', operation: '', release: '', zone: '', nodes: null };
  return ({ impairments }) => {
    impairments.push({
      key: 'test',
      cause: 'busy_sidecar',
      target: 'pod/second',
      scope: { kind: 'work', at: { ...anywhere, pods: ['uid-second'] } },
      amounts,
      course: steadyCourse(0, null),
      hold: null,
    });
  };
}

describe('pods of a service with many operations', () => {
  it('have the same figures where they are alike, busy or overloaded', () => {
    for (const cpuLimitCores of [2, 0.5]) {
      const [one, other] = figures(
        ['first', 'second'].map((name) => podView('front', 'a', { name, cpuLimitCores })),
      );
      expect(other).toEqual(one);
      expect(one?.[0]).toBeGreaterThan(0.4);
    }
  });

  it('are played by limits, processes and nodes of their own', () => {
    expectOwnFigures({ cpuLimitCores: 2 });
    expectOwnFigures({ processStartedUs: -1_000_000 });
    const nodes = clusterView([]).nodes.map((node) => ({ ...node }));
    nodes.push({ ...(nodes[0] as NodeView), name: 'node-small', cpuCores: 0.4 });
    expectOwnFigures({ node: 'node-small', cpuLimitCores: 0 }, { view: { nodes } });
  });

  it('are played by the traits of their release', () => {
    const traits = { errorRatio: 0.2, cpuFactor: 1, leakBytesPerSec: 0 };
    const prepare = ({ releaseTraits }: Conditions): void => {
      releaseTraits.set('front@v2', traits);
    };
    expectOwnFigures({ release: 'v2' }, { prepare });
  });

  it('are played by what each of them still has to do', () => {
    const limited = { cpuLimitCores: 0.3 };
    const [one, other] = ['first', 'second'].map((name) =>
      podView('front', 'a', { name, ...limited }),
    ) as [PodView, PodView];
    // The second goes on as another process, as warm, without the backlog of the first.
    const back = { ...other, processStartedUs: -1_800_000_000, restartCount: 1 };
    const view = { version: 2 };
    const ahead = figures([one, back], { view, before: [one, other] });
    const behind = figures([back, one], { view, before: [other, one] });
    expectSame(ahead, behind);
    expect(ahead[0]).not.toEqual(ahead[1]);
  });

  it('are played by what is wrong with each of them', () => {
    const all: Amounts[] = [
      { cpuFactor: 1.5 },
      { waitMs: 20 },
      { errorShare: 0.3 },
      { podCores: 1 },
      { takenShare: 0.995 },
    ];
    for (const amounts of all) expectOwnFigures({}, { prepare: withWork(amounts) });
  });
});
