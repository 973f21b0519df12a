import { createStream, type Stream } from '../../../core/tools/index.ts';
import {
  ArimaForecast,
  ExhaustionForecast,
  HeadroomForecast,
  HoltWintersForecast,
  type SeriesForecast,
  type TimeToExhaustion,
  warningHorizonMinutes,
} from '../../../detectors/index.ts';

/** In scrapes of 15 s. */
const horizonSteps: number = 4 * warningHorizonMinutes;
/** Lower end of a one-sided 95 % interval, and scrapes in a row that must agree. */
const intervalDeviate = 1.645;
const sureAfter = 2;

/** Takes in value and load of a scrape and says whether to warn now; NaN is a lost one. */
export interface Forecaster {
  warns(value: number, atMs: number, load: number): boolean;
  /** What it told with its last warning; null when it names no time. */
  readonly told: TimeToExhaustion | null;
}

export interface Contestant {
  readonly name: string;
  readonly kind: 'ours' | 'baseline';
  create(): Forecaster;
}

/** Everybody who takes part, in the order of the table. */
export const contestants: readonly Contestant[] = [
  { name: 'trend', kind: 'ours', create: () => new Trend() },
  { name: 'load_trend', kind: 'ours', create: () => new LoadTrend() },
  { name: 'holt_winters', kind: 'ours', create: () => new Prolonged(new HoltWintersForecast()) },
  { name: 'arima', kind: 'ours', create: () => new Prolonged(new ArimaForecast()) },
  { name: 'line_10min', kind: 'baseline', create: () => new LastMinutesLine() },
  { name: 'above_80_percent', kind: 'baseline', create: () => timeless((value) => value >= 0.8) },
  { name: 'random', kind: 'baseline', create: () => new AtRandom() },
  { name: 'always', kind: 'baseline', create: () => timeless(() => true) },
];

function timeless(warns: (value: number) => boolean): Forecaster {
  return { warns, told: null };
}

/** Warns when the forecast says that it is time to. */
class Trend implements Forecaster {
  told: TimeToExhaustion | null = null;
  readonly #forecast = new ExhaustionForecast();

  constructor() {
    this.#forecast.grow(1);
  }

  warns(value: number, atMs: number): boolean {
    if (Number.isNaN(value)) return false;
    this.#forecast.learn(0, atMs, value);
    this.told = { ...this.#forecast.forecast(0) };
    return this.told.isDue;
  }
}

/** Like the trend, of the load against the load that the resource can carry, once that is known. */
class LoadTrend implements Forecaster {
  readonly #headroom = new HeadroomForecast();
  readonly #ofLoad = new Trend();
  readonly #ofUse = new Trend();
  #isKnown = false;

  constructor() {
    this.#headroom.grow(1);
  }

  get told(): TimeToExhaustion | null {
    return (this.#isKnown ? this.#ofLoad : this.#ofUse).told;
  }

  warns(value: number, atMs: number, load: number): boolean {
    this.#headroom.learn(0, load, value);
    const { share } = this.#headroom.headroom(0, 1);
    this.#isKnown = share > -1 && Number.isFinite(share);
    const ofUse = this.#ofUse.warns(value, atMs);
    if (!this.#isKnown) return ofUse;
    return this.#ofLoad.warns(1 / (1 + share), atMs);
  }
}

/** Warns when what a series is expected to be, less its error, is full within the horizon. */
class Prolonged implements Forecaster {
  readonly told = null;
  readonly #forecast: SeriesForecast;
  #soonFor = 0;

  constructor(forecast: SeriesForecast) {
    this.#forecast = forecast;
  }

  warns(value: number): boolean {
    this.#forecast.learn(value);
    const { mean, deviation } = this.#forecast.ahead(horizonSteps);
    this.#soonFor = mean - intervalDeviate * deviation >= 1 ? this.#soonFor + 1 : 0;
    return this.#soonFor >= sureAfter;
  }
}

/** Warns once in a horizon in the mean, whatever it sees; the first value seeds its draws. */
class AtRandom implements Forecaster {
  readonly told = null;
  #draws: Stream | null = null;

  warns(value: number): boolean {
    this.#draws ??= createStream(Math.round(1e6 * (value || 0)), 'random warnings');
    return this.#draws.next() < 1 / horizonSteps;
  }
}

/** The least-squares line through the last ten minutes, prolonged. */
class LastMinutesLine implements Forecaster {
  readonly told = null;
  readonly #values: number[] = [];

  warns(value: number): boolean {
    if (Number.isNaN(value)) return false;
    this.#values.push(value);
    if (this.#values.length > 40) this.#values.shift();
    const n = this.#values.length;
    if (n < 40) return false;
    const middle = (n - 1) / 2;
    const mean = this.#values.reduce((sum, one) => sum + one, 0) / n;
    let slope = 0;
    for (let i = 0; i < n; i += 1) slope += (i - middle) * (this.#values[i] as number);
    slope /= (n * (n * n - 1)) / 12;
    return mean + slope * (middle + horizonSteps) >= 1;
  }
}
