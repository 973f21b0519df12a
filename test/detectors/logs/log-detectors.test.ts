import { describe, expect, it } from 'vitest';
import type { LogRecord } from '../../../core/observable/index.ts';
import { createStream, type Stream } from '../../../core/tools/index.ts';
import { restoreState, saveState } from '../../../detectors/checkpoint/checkpoint.ts';
import {
  CountPcaDetector,
  DisappearanceDetector,
  InvariantDetector,
  LogCounter,
  type LogDetector,
  NewTemplateDetector,
  RateChangeDetector,
  SequenceClusterDetector,
} from '../../../detectors/index.ts';

const detectors: readonly (() => LogDetector)[] = [
  () => new NewTemplateDetector(),
  () => new RateChangeDetector(),
  () => new DisappearanceDetector(),
  () => new SequenceClusterDetector(),
  () => new CountPcaDetector(),
  () => new InvariantDetector(),
];

/** Lines of one window: how many of which text, from service `cart` where nothing else is said. */
type Lines = readonly (readonly [count: number, text: (i: number) => string, service?: string])[];

function record(service: string, body: string): LogRecord {
  const resource = { service, pod: 'p', node: 'n', zone: 'z', region: 'r', release: 'v1' };
  return { atMs: 0, severity: 'INFO', body, resource, traceId: null, spanId: null };
}

function poisson(stream: Stream, mean: number): number {
  let left = Math.exp(-mean);
  let draw = stream.next();
  let count = 0;
  while (draw > left) {
    draw -= left;
    count += 1;
    left *= mean / count;
    if (count > 20 * mean + 50) break;
  }
  return count;
}

/** Plays windows through a detector; gives the anomalies of each, with the texts of templates. */
function play(
  detector: LogDetector,
  windows: number,
  linesOf: (window: number, stream: Stream) => Lines,
): { text: string; score: number; service: string }[][] {
  const counter = new LogCounter();
  const stream = createStream(3, 'log-detectors');
  let serial = 0;
  return Array.from({ length: windows }, (_, i) => {
    const logs = linesOf(i, stream).flatMap(([count, text, service = 'cart']) =>
      Array.from({ length: count }, () => record(service, text(++serial))),
    );
    const window = counter.count({ untilMs: 15_000 * (i + 1), logs });
    const anomalies = detector.score(window);
    expect(detector.score(window), 'score changes nothing').toEqual(anomalies);
    detector.learn(window);
    return anomalies.map(({ template, score, service }) => ({
      text: counter.templateOf(template)?.text ?? 'forgotten',
      score,
      service,
    }));
  });
}

/** Where something was told: window and text. */
function told(anomalies: readonly { text: string }[][]): string[] {
  return anomalies.flatMap((some, i) => some.map(({ text }) => `${i}: ${text}`));
}

const served = (i: number): string => `served ${i} in ${i % 90} ms`;
const slow = (i: number): string => `slow query, ${i} rows`;

describe('log detectors', () => {
  it.each(detectors)('stay quiet on a steady stream (%#)', (create) => {
    const anomalies = play(create(), 700, (_, stream) => [
      [poisson(stream, 20), served],
      [poisson(stream, 2), slow],
      [poisson(stream, 0.05), () => 'cache refreshed'],
      [poisson(stream, 5), served, 'web'],
    ]);
    expect(told(anomalies)).toEqual([]);
  });

  it.each(detectors)('say nothing before they know a service (%#)', (create) => {
    const anomalies = play(create(), 39, (i) => [[i % 10 === 9 ? 500 : 1, served]]);
    expect(told(anomalies)).toEqual([]);
  });

  it.each(detectors)('do not take a template that joins another for an event (%#)', (create) => {
    const names = ['alpha', 'beta', 'gamma', 'delta', 'omega'];
    const anomalies = play(create(), 300, (i, stream) => {
      const known = i < 200 ? 4 : 5;
      return [
        [20, served],
        [10 + poisson(stream, 1), (n) => `the guest ${names[n % known]} came in`],
      ];
    });
    expect(told(anomalies)).toEqual([]);
  });
});

const letters = (i: number): string =>
  [...String(i)].map((digit) => 'abcdefghij'[Number(digit)]).join('');

describe('the state of log detectors', () => {
  it.each(detectors)('goes on to the byte where it was saved (%#)', (create) => {
    const stream = createStream(5, 'log-state');
    const windows = Array.from({ length: 320 }, (_, i) => {
      const requests = poisson(stream, i > 280 ? 60 : 12);
      return [
        ...Array.from({ length: requests }, (_, k) => record('cart', served(k))),
        ...Array.from({ length: requests }, (_, k) => record('cart', `closed ${k} again`)),
        ...Array.from({ length: i > 290 ? 0 : poisson(stream, 4) }, (_, k) =>
          record('web', slow(k)),
        ),
        ...(i % 40 === 7 ? [record('web', `the ${letters(i)} is new`)] : []),
      ];
    });
    const run = (counter: LogCounter, detector: LogDetector, from: number, until: number) =>
      windows.slice(from, until).map((logs, i) => {
        const window = counter.count({ untilMs: 15_000 * (from + i + 1), logs });
        const anomalies = detector.score(window);
        detector.learn(window);
        return anomalies;
      });
    const [counter, detector] = [new LogCounter(), create()];
    run(counter, detector, 0, 243);
    const id = (kind: string) => ({ kind, version: 1 });
    const [otherCounter, other] = [new LogCounter(), create()];
    restoreState(id('counter'), saveState(id('counter'), counter), otherCounter);
    restoreState(id(other.name), saveState(id(other.name), detector), other);
    expect(run(otherCounter, other, 243, 320)).toEqual(run(counter, detector, 243, 320));
    expect(saveState(id('counter'), otherCounter)).toEqual(saveState(id('counter'), counter));
    expect(saveState(id(other.name), other)).toEqual(saveState(id(other.name), detector));
  });
});

describe('the sequence-cluster detector', () => {
  it('hears a new kind of sequence and a rare one that grows, not one of two usual ones', () => {
    const usual = (stream: Stream): Lines => [
      [20 + poisson(stream, 5), served],
      [poisson(stream, 3), slow],
    ];
    const rare: Lines = [
      [3, served],
      [20, (i) => `cache miss for ${i}`],
    ];
    const fresh: Lines = [
      [8, served],
      [20, (i) => `retry ${i} of payment`],
    ];
    const detector = new SequenceClusterDetector();
    const anomalies = play(detector, 700, (i, stream) => {
      if (i >= 650) return fresh;
      if (i >= 500 && i < 520) return rare;
      return i % 12 === 3 && i < 500 ? rare : usual(stream);
    });
    const windows = anomalies.flatMap((some, i) => (some.length > 0 ? [i] : []));
    expect(windows.filter((i) => i < 500)).toEqual([]);
    expect(windows.some((i) => i >= 500 && i < 520)).toBe(true);
    expect(windows.some((i) => i >= 650 && i < 660)).toBe(true);
    const last = anomalies[windows.find((i) => i >= 650) as number];
    expect(last?.[0]?.text).toBe('retry <*> of payment');
  });
});

describe('the detector of principal components', () => {
  it('hears counts that no longer go together, though each alone is usual', () => {
    const anomalies = play(new CountPcaDetector(), 400, (i, stream) => {
      const load = 40 + 60 * stream.next();
      const apart = i === 350;
      return [
        [Math.round(apart ? 95 : load), served],
        [Math.round(apart ? 45 : load), (k) => `stored ${k}`],
        [poisson(stream, 2), slow],
      ];
    });
    expect(anomalies.flatMap((some, i) => (some.length > 0 ? [i] : []))).toEqual([350]);
  });
});

describe('the invariant detector', () => {
  const lines = (opened: number, closed: number, failed: number): Lines => [
    [opened, (i) => `opened ${i}`],
    [closed, (i) => `closed ${i}`],
    [opened - failed, (i) => `answered ${i}`],
    [failed, (i) => `failed on ${i}`],
  ];

  it('hears a relation that breaks, in pairs and in sums, whatever the load', () => {
    const anomalies = play(new InvariantDetector(), 600, (i, stream) => {
      const opened = poisson(stream, i > 300 ? 60 : 25);
      const failed = Math.min(opened, poisson(stream, 5));
      return lines(opened, i === 450 ? opened - 15 : opened, failed);
    });
    const blocks = anomalies.flatMap((some, i) => (some.length > 0 ? [i >> 2] : []));
    expect(blocks).toEqual([450 >> 2]);
    expect(anomalies.flat()[0]?.text).toMatch(/opened|closed/);
  });

  it('takes steady counts of different things for no relation', () => {
    const anomalies = play(new InvariantDetector(), 600, (_, stream) => [
      [poisson(stream, 20), served],
      [poisson(stream, 20), (i) => `stored ${i}`],
    ]);
    expect(told(anomalies)).toEqual([]);
  });
});

describe('the new-template detector', () => {
  it('hears a line that a service of few words never wrote', () => {
    const anomalies = play(new NewTemplateDetector(), 1600, (i) => [
      [5, served],
      [i === 300 ? 1 : 0, () => 'configuration read again'],
      [i === 1500 ? 2 : 0, () => 'connection refused by orders'],
    ]);
    expect(told(anomalies)).toEqual([]);
    const calm = play(new NewTemplateDetector(), 1600, (i) => [
      [5, served],
      [i === 1500 ? 2 : 0, () => 'connection refused by orders'],
    ]);
    expect(told(calm)).toEqual(['1500: connection refused by orders']);
  });

  it('hears many new ones at once sooner', () => {
    const panics = ['panic', 'goroutine dump', 'exit status'];
    const anomalies = play(new NewTemplateDetector(), 600, (i) => [
      [30, served],
      ...(i === 500 ? panics.map((text) => [1, () => text] as const) : []),
    ]);
    expect(told(anomalies)).toEqual(panics.map((text) => `500: ${text}`));
  });

  it('does not listen to a service that always has something new to say', () => {
    const anomalies = play(new NewTemplateDetector(), 300, () => [
      [5, served],
      [1, (i) => `${letters(i)} it is`],
    ]);
    expect(told(anomalies)).toEqual([]);
  });
});

describe('the rate-change detector', () => {
  it('hears a template that comes far more often, and one that nearly stops', () => {
    const anomalies = play(new RateChangeDetector(), 400, (i, stream) => [
      [i === 300 ? 2 : 40 + poisson(stream, 5), served],
      [i === 200 ? 40 : poisson(stream, 2), slow],
    ]);
    expect(told(anomalies)).toEqual(['200: slow query, <*> rows', '300: served <*> in <*> ms']);
  });

  it('lets a bursty template raise its own bar', () => {
    const anomalies = play(new RateChangeDetector(), 600, (_, stream) => [
      [stream.next() < 0.1 ? 30 + poisson(stream, 20) : 0, slow],
    ]);
    expect(told(anomalies)).toEqual([]);
  });
});

describe('the disappearance detector', () => {
  it('hears a template that stops, sooner the more of it is missed, until it is gone', () => {
    const anomalies = play(new DisappearanceDetector(), 500, (i, stream) => [
      [i < 200 ? 30 : 0, served],
      [i < 200 ? poisson(stream, 1) : 0, slow],
      [5, served, 'web'],
    ]);
    const first = (text: string): number =>
      anomalies.findIndex((some) => some.some((anomaly) => anomaly.text === text));
    expect(first('served <*> in <*> ms')).toBe(200);
    expect(first('slow query, <*> rows')).toBeGreaterThan(210);
    expect(first('slow query, <*> rows')).toBeLessThan(235);
    expect(anomalies.flat().every(({ service }) => service === 'cart')).toBe(true);
    expect(anomalies[499]).toEqual([]);
  });
});
