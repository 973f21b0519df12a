import { describe, expect, it } from 'vitest';
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
import { pod } from './flow-figures.ts';

describe('call graph', () => {
  it('refuses operations that call themselves, and names the circle', () => {
    const spec = twinSpec({
      services: [
        serviceSpec('x', [operationSpec('A', { calls: [callSpec('y', 'B')] })]),
        serviceSpec('y', [operationSpec('B', { calls: [callSpec('x', 'A')] })]),
      ],
      journeys: [journeySpec('visit', 'x', 'A')],
    });
    expect(() => new Bench(spec)).toThrow(
      /must not call themselves, got .*(?:x\/A -> y\/B -> x\/A|y\/B -> x\/A -> y\/B)/,
    );
  });

  it('refuses calls to operations that nobody offers', () => {
    const spec = twinSpec({
      services: [serviceSpec('x', [operationSpec('A', { calls: [callSpec('y', 'B')] })])],
      journeys: [journeySpec('visit', 'x', 'A')],
    });
    expect(() => new Bench(spec)).toThrow('x/A calls y/B, which no service offers');
  });

  it('allows two services to call each other through different operations', () => {
    const spec = twinSpec({
      services: [
        serviceSpec('x', [
          operationSpec('A', { calls: [callSpec('y', 'B')] }),
          operationSpec('C', { cpuMs: 1 }),
        ]),
        serviceSpec('y', [operationSpec('B', { calls: [callSpec('x', 'C')] })]),
      ],
      journeys: [journeySpec('visit', 'x', 'A')],
    });
    const window = new Bench(spec).window(clusterView([podView('x', 'a'), podView('y', 'b')]), 30);
    const [get, callback] = pod(window, 'x-a').operations.map((flow) => flow.requestsPerSec);
    expect(get).toBeCloseTo(callback as number, 9);
  });
});
