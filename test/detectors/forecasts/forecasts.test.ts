import { describe, expect, it } from 'vitest';
import { createStream, type Stream } from '../../../core/tools/index.ts';
import {
  restoreState,
  type StatePart,
  saveState,
} from '../../../detectors/checkpoint/checkpoint.ts';

import {
  ArimaForecast,
  ExhaustionForecast,
  HeadroomForecast,
  HoltWintersForecast,
  type SeriesForecast,
  type TimeToExhaustion,
} from '../../../detectors/index.ts';

const scrapeMs = 15_000;

/** The forecast after each value of a function of minutes. */
function play(
  points: number,
  valueAt: (minutes: number, stream: Stream) => number,
): TimeToExhaustion[] {
  const stream = createStream(11, 'forecasts');
  const forecast = new ExhaustionForecast();
  forecast.grow(1);
  return Array.from({ length: points }, (_, i) => {
    forecast.learn(0, i * scrapeMs, valueAt(i / 4, stream));
    return { ...forecast.forecast(0) };
  });
}

const due = ({ isDue }: TimeToExhaustion): boolean => isDue;

describe('time to exhaustion', () => {
  it('holds the end of a noisy climb in its interval and comes closer to it', () => {
    // Flat for an hour, then full at minute 100.
    const told = play(390, (minutes, stream) => {
      return 0.4 + 0.6 * Math.max(0, (minutes - 60) / 40) + 0.005 * stream.normal();
    });
    expect(told.slice(0, 240).some(due)).toBe(false);
    for (const minutes of [75, 80, 85, 90, 95]) {
      const { lowMinutes, medianMinutes, highMinutes } = told[4 * minutes] as TimeToExhaustion;
      expect(lowMinutes).toBeLessThan(100 - minutes);
      expect(highMinutes).toBeGreaterThan(100 - minutes);
      expect(Math.abs(medianMinutes - (100 - minutes))).toBeLessThan(2);
    }
  });

  it('tells of a step, of what levels off and of a fall nothing', () => {
    const shapes: ((minutes: number) => number)[] = [
      (minutes) => (minutes < 60 ? 0.5 : 0.8),
      (minutes) => 0.4 - 0.45 * Math.expm1(-Math.max(0, minutes - 60) / 25),
      (minutes) => 0.9 - 0.005 * Math.max(0, minutes - 60),
    ];
    for (const shape of shapes) {
      const told = play(700, (minutes, stream) => shape(minutes) + 0.002 * stream.normal());
      expect(told.filter(due)).toEqual([]);
    }
  });

  it('knows a sawtooth by its turns, and what lifts its peaks', () => {
    const tooth = (minutes: number): number => 0.3 * ((minutes % 12) / 12);
    const steady = play(1400, (minutes, stream) => 0.6 + tooth(minutes) + 0.003 * stream.normal());
    expect(steady.slice(100).filter(due)).toEqual([]);
    const rising = play(1400, (minutes, stream) => {
      return (
        0.3 + 0.4 * Math.max(0, (minutes - 150) / 100) + tooth(minutes) + 0.003 * stream.normal()
      );
    });
    const first = rising.findIndex((one, i) => i > 100 && due(one)) / 4;
    // The peaks meet the limit at about minute 250.
    expect(first).toBeGreaterThan(205);
    expect(first).toBeLessThan(235);
  });

  it('tells a climb out of hardly any noise, however steep, ten minutes ahead', () => {
    // From the 60th minute on, full within 15 to 25.
    for (const minutesToFull of [15, 18, 25]) {
      const told = play(4 * (60 + minutesToFull), (minutes, stream) => {
        return 0.4 + (0.6 * Math.max(0, minutes - 60)) / minutesToFull + 0.0005 * stream.normal();
      });
      const first = told.findIndex(due) / 4 - 60;
      expect(first).toBeGreaterThanOrEqual(4.75);
      expect(minutesToFull - first).toBeGreaterThanOrEqual(9.75);
    }
  });

  it('waits with a climb whose end is far off, and is right to when it passes', () => {
    const told = play(480, (minutes, stream) => {
      const climb = Math.min(20, Math.max(0, minutes - 60));
      return 0.42 + 0.015 * climb + 0.001 * stream.normal();
    });
    const last = told[4 * 79] as TimeToExhaustion;
    expect(last.highMinutes).toBeLessThan(30);
    expect(last.ageMinutes).toBeCloseTo(19, -1);
    expect(last.from).toBeCloseTo(0.42, 1);
    expect(told.filter(due)).toEqual([]);
  });

  it('takes one value that stands out for nothing', () => {
    const told = play(400, (minutes, stream) => {
      return minutes === 50 ? 0.95 : 0.3 + 0.005 * minutes + 0.001 * stream.normal();
    });
    const median = told[4 * 90]?.medianMinutes as number;
    expect(median).toBeGreaterThan(45);
    expect(median).toBeLessThan(55);
  });

  it('skips lost scrapes and forgets what was before a long gap', () => {
    const told = play(800, (minutes) => {
      if (minutes % 3 === 0 || (minutes > 100 && minutes < 140)) return Number.NaN;
      return minutes < 120 ? 0.3 + 0.005 * minutes : 0.2;
    });
    expect(told[4 * 95]?.medianMinutes).toBeCloseTo(45, -0.5);
    expect(told.slice(4 * 145).every(({ medianMinutes }) => medianMinutes === Infinity)).toBe(true);
  });
});

const forecasts: readonly (() => SeriesForecast)[] = [
  () => new HoltWintersForecast(),
  () => new ArimaForecast(),
];

describe('forecasts of one series', () => {
  it.each(forecasts)('prolong a trend, with an error that grows (%#)', (create) => {
    const forecast = create();
    const stream = createStream(4, 'trend');
    for (let i = 0; i < 600; i += 1) forecast.learn(10 + 0.1 * i + 0.2 * stream.normal());
    const near = { ...forecast.ahead(1) };
    const far = { ...forecast.ahead(100) };
    expect(near.mean).toBeCloseTo(70, 0);
    expect(Math.abs(far.mean - 79.9)).toBeLessThan(3 * far.deviation);
    expect(far.deviation).toBeGreaterThan(near.deviation);
    expect(far.deviation).toBeLessThan(8);
  });

  it('Holt-Winters needs the right season: a day fails on what a week repeats', () => {
    const errorWith = (seasonPoints: number): number => {
      const forecast = new HoltWintersForecast({ seasonPoints });
      const stream = createStream(6, 'season');
      let errors = 0;
      for (let i = 0; i < 24 * 7 * 6; i += 1) {
        const isWeekend = i % 168 >= 120;
        const value =
          (isWeekend ? 20 : 60) + 20 * Math.sin((2 * Math.PI * i) / 24) + stream.normal();
        if (i >= 24 * 7 * 5) errors += Math.abs(forecast.ahead(1).mean - value);
        forecast.learn(value);
      }
      return errors / 168;
    };
    expect(errorWith(24)).toBeGreaterThan(2 * errorWith(168));
  });
});

describe('headroom', () => {
  it('prolongs utilisation against load to the limit', () => {
    const stream = createStream(8, 'headroom');
    const forecast = new HeadroomForecast();
    forecast.grow(2);
    for (let i = 0; i < 300; i += 1) {
      const load = 100 + 40 * Math.sin(i / 30);
      forecast.learn(0, load, 0.05 + 0.004 * load + 0.01 * stream.normal());
      forecast.learn(1, 100, 0.5 + 0.01 * stream.normal());
    }
    const { capacity, capacityLow, share } = forecast.headroom(0, 0.9);
    expect(capacity).toBeGreaterThan(200);
    expect(capacity).toBeLessThan(226);
    expect(capacityLow).toBeLessThan(212.5);
    expect(share).toBeCloseTo(capacity / (100 + 40 * Math.sin(299 / 30)) - 1, 6);
    expect(forecast.headroom(1, 0.9).share).toBeNaN();
  });
});

describe('the state of forecasts', () => {
  const id = { kind: 'forecast', version: 1 };
  const copyOf = <Part extends StatePart>(part: Part, fresh: Part): Part => {
    restoreState(id, saveState(id, part), fresh);
    return fresh;
  };

  it('goes on to the byte where it was saved', () => {
    const stream = createStream(9, 'state');
    const exhaustion = new ExhaustionForecast();
    exhaustion.grow(3);
    const learn = (forecast: ExhaustionForecast, i: number, value: number): void => {
      for (let c = 0; c < 3; c += 1) forecast.learn(c, i * scrapeMs, value * (1 - 0.2 * c));
    };
    const values = Array.from({ length: 500 }, (_, i) => {
      return (i % 70) / 100 + 0.0006 * i + 0.004 * stream.normal();
    });
    values.slice(0, 250).forEach((value, i) => {
      learn(exhaustion, i, value);
    });
    const other = copyOf(exhaustion, new ExhaustionForecast());
    values.slice(250).forEach((value, i) => {
      learn(exhaustion, 250 + i, value);
      learn(other, 250 + i, value);
      for (let c = 0; c < 3; c += 1) {
        expect({ ...other.forecast(c) }).toEqual({ ...exhaustion.forecast(c) });
      }
    });
    expect(saveState(id, other)).toEqual(saveState(id, exhaustion));
    for (const create of forecasts) {
      const one = create();
      for (const value of values.slice(0, 250)) one.learn(value);
      const two = copyOf(one, create());
      for (const value of values.slice(250)) {
        one.learn(value);
        two.learn(value);
      }
      expect({ ...two.ahead(20) }).toEqual({ ...one.ahead(20) });
      expect(saveState(id, two)).toEqual(saveState(id, one));
    }
  });
});
