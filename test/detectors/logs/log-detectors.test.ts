import { describe, expect, it } from 'vitest';
import type { LogRecord } from '../../../core/observable/index.ts';
import { createStream, type Stream } from '../../../core/tools/index.ts';
import {
  DisappearanceDetector,
  LogCounter,
  type LogDetector,
  NewTemplateDetector,
  RateChangeDetector,
} from '../../../detectors/index.ts';

const detectors: readonly (() => LogDetector)[] = [
  () => new NewTemplateDetector(),
  () => new RateChangeDetector(),
  () => new DisappearanceDetector(),
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
    const anomalies = play(create(), 1500, (_, stream) => [
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
    const letters = (i: number): string =>
      [...String(i)].map((digit) => 'abcdefghij'[Number(digit)]).join('');
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
