import { describe, expect, it } from 'vitest';
import type { MetricsFrame, SeriesDescriptor, SignalName } from '../../../core/observable/index.ts';
import { createStream } from '../../../core/tools/index.ts';
import {
  createDetector,
  findAnomalies,
  OwnSeriesDetector,
  saveState,
} from '../../../detectors/index.ts';
import { SyntheticShop } from '../synthetic-cluster.ts';

const names = Array.from({ length: 20 }, (_, i) => `series-${i}`);
const series = names.map((name): SeriesDescriptor => {
  return { signal: name as SignalName, component: 'service/own', labels: {} };
});

/** Autocorrelated noise, every third series log-normal; `change` may edit the values of a frame. */
function play(
  scrapes: number,
  change: (scrape: number, values: Float64Array) => void = () => {},
): string[] {
  const streams = names.map((name) => createStream(7, name));
  const levels = new Float64Array(names.length);
  const detector = new OwnSeriesDetector('own');
  const found: string[] = [];
  for (let scrape = 0; scrape < scrapes; scrape += 1) {
    const values = levels.map((level, i) => {
      const draw = streams[i] as ReturnType<typeof createStream>;
      levels[i] = 0.7 * level + draw.next() + draw.next() + draw.next() - 1.5;
      return i % 3 === 0
        ? 20 * Math.exp(0.5 * (levels[i] as number))
        : 100 + 10 * (levels[i] as number);
    });
    change(scrape, values);
    const frame: MetricsFrame = { atMs: scrape * 60_000, index: { series }, values };
    found.push(...findAnomalies(detector, frame).map(({ signal }) => `${scrape} ${signal}`));
    detector.learn(frame);
  }
  return found;
}

describe('series outside the catalogue', () => {
  it('are quiet while they are noise, from the first values on', () => {
    expect(play(1500)).toEqual([]);
  });

  it('alarm once when one leaves its range', () => {
    const found = play(600, (scrape, values) => {
      if (scrape >= 500 && scrape < 510) values[4] = 400;
    });
    expect(found).toEqual(['500 series-4']);
  });

  it('alarm once per event, also when it swings to the other side', () => {
    const found = play(640, (scrape, values) => {
      if (scrape === 500) values[4] = 500;
      if (scrape === 505) values[4] = -250;
    });
    expect(found).toEqual(['500 series-4']);
  });

  it('are quiet within one deviation, however rare the step', () => {
    const found = (step: number) =>
      play(640, (scrape, values) => {
        const noise = (values[4] as number) - 100;
        values[4] = 100 + 50 * Math.sin(scrape / 30) + 0.01 * noise;
        if (scrape === 520) values[4] += step;
      });
    expect(found(10)).toEqual([]);
    expect(found(200)).toEqual(['520 series-4']);
  });

  it('are quiet where they never change, but for what they did once', () => {
    const found = play(300, (scrape, values) => {
      values.fill(1);
      if (scrape === 0 || scrape >= 200) values[4] = 0;
    });
    expect(found).toEqual(['200 series-4']);
  });

  it('need a grosser deviation while little is known of them', () => {
    const at = (when: number, value: number) =>
      play(when + 1, (scrape, values) => {
        if (scrape === when) values[4] = value;
      });
    expect(at(60, 180)).toEqual([]);
    expect(at(600, 180)).toEqual(['600 series-4']);
    expect(at(60, 1e5)).toEqual(['60 series-4']);
  });
});

it('refuse a state of older fields, their own or those of a part', () => {
  const detector = new OwnSeriesDetector('own');
  const restored = (version: number, settings = {}) => {
    const bytes = saveState({ kind: 'own', version, settings }, detector);
    return () => detector.restore(bytes);
  };
  expect(restored(2)).toThrow('checkpoint of own: version: expected 3, got 2');
  const now = { ensemble: 1, seriesCore: 2, stack: 3 };
  expect(restored(3, { stateVersions: now })).not.toThrow();
  for (const part of ['ensemble', 'seriesCore', 'stack'] as const) {
    const then = { ...now, [part]: now[part] - 1 };
    expect(restored(3, { stateVersions: then })).toThrow(/^checkpoint of own: settings: expected /);
  }
});

it('signals of the catalogue fare as in the default stack', () => {
  const shop = new SyntheticShop(3, (scrape, state) => {
    if (scrape >= 120) state.userErrorRatio.value = 0.4;
  });
  const [own, stack] = [new OwnSeriesDetector('default'), createDetector('default')];
  let alarms = 0;
  for (let scrape = 0; scrape < 140; scrape += 1) {
    const frame = shop.frame(scrape);
    const anomalies = findAnomalies(stack, frame);
    expect(findAnomalies(own, frame)).toEqual(anomalies);
    alarms += anomalies.length;
    for (const detector of [own, stack]) detector.learn(frame);
  }
  expect(alarms).toBeGreaterThan(0);
});

describe('many series in one tick', () => {
  const wide = Array.from({ length: 300 }, (_, i): SeriesDescriptor => {
    return { signal: `wide-${i}` as SignalName, component: 'service/own', labels: {} };
  });
  const frameOf = (scrape: number, values: Float64Array): MetricsFrame => {
    return { atMs: scrape * 60_000, index: { series: wide }, values };
  };

  it('are held to a share of false discoveries: ten alarm together that would not alone', () => {
    const detector = new OwnSeriesDetector('own');
    const stream = createStream(11, 'wide');
    const trained = 600;
    for (let scrape = 0; scrape < trained; scrape += 1) {
      const values = Float64Array.from(wide, () => 100 + stream.normal());
      detector.score(frameOf(scrape, values));
      detector.learn(frameOf(scrape, values));
    }
    /** How far the first series must leave its level before it alarms, beside others that do. */
    const neededWith = (others: number): number => {
      for (let step = 1; step < 400; step += 0.5) {
        const values = Float64Array.from(wide, (_, i) => (i <= others ? 100 + step : 100));
        if ((detector.score(frameOf(trained, values)).scores[0] as number) >= 1) return step;
      }
      return Number.POSITIVE_INFINITY;
    };
    const alone = neededWith(0);
    expect(alone).toBeLessThan(400);
    expect(neededWith(9)).toBeLessThan(alone);
  });

  it('are as many as have a value: those that are gone do not make the others less odd', () => {
    const scoreBeside = (gone: number): number => {
      const detector = new OwnSeriesDetector('own');
      const stream = createStream(12, 'gone');
      const valuesAt = (scrape: number): Float64Array =>
        Float64Array.from({ length: 10 + gone }, (_, i) => {
          if (i < 10) return 100 + stream.normal();
          return scrape < 100 ? 100 : Number.NaN;
        });
      for (let scrape = 0; scrape < 600; scrape += 1) {
        const frame = frameOf(scrape, valuesAt(scrape));
        detector.score(frame);
        detector.learn(frame);
      }
      const values = valuesAt(600).map((value, i) => (i === 0 ? 113 : i < 10 ? 100 : value));
      return detector.score(frameOf(600, values)).scores[0] as number;
    };
    const alone = scoreBeside(0);
    expect(alone).toBeGreaterThan(1);
    // Fewer draws were made of the stream: close is enough.
    expect(scoreBeside(200)).toBeGreaterThan(0.8 * alone);
  });
});
