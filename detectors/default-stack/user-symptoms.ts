import {
  type MetricsFrame,
  type SeriesIndex,
  scrapeIntervalMs,
} from '../../core/observable/index.ts';
import type { StatePart } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { grown } from '../score-buffers.ts';

/** Evidence is in units of an alarm. */
interface Settings {
  /** Scrapes of a journey before there is an opinion on it. */
  readonly warmUpPoints: number;
  /** Share of failed requests above the usual one at which one scrape is enough. */
  readonly overwhelmingErrors: number;
  /** The most that a scrape adds in which less than `graveErrors` fail. */
  readonly errorStep: number;
  readonly graveErrors: number;
  /**
   * Requests are slow from this factor over the usual 95th percentile, and this many ms over it.
   */
  readonly slowFactor: number;
  readonly slowMs: number;
  /**
   * What a scrape adds in which a twentieth of all requests are slow; far slower ones add twice
   * that.
   */
  readonly slowStep: number;
  /** What an ordinary scrape takes back. */
  readonly decay: number;
  /** Failed or slow requests of a scrape from which it counts in full. */
  readonly requestsMin: number;
  /** Alarming scrapes after which what users feel is the new norm. */
  readonly normAfter: number;
}

const settings: Settings = {
  warmUpPoints: 20,
  overwhelmingErrors: 0.7,
  errorStep: 0.32,
  graveErrors: 0.3,
  slowFactor: 4,
  slowMs: 100,
  slowStep: 0.08,
  decay: 0.1,
  requestsMin: 8,
  normAfter: 240,
};

/** Memory of what is usual, in scrapes: an hour at one every 15 s. */
const usualPoints = 240;
/** A share of failures this far above the usual one is not ordinary. */
const errorsMin = 0.05;
/** Evidence never grows beyond this, so that it is soon gone again. */
const evidenceMax = 3;
/** From this much evidence on, the usual is no longer learnt. */
const doubt = 0.5;
/** What one value moves the usual by at most: failures as a share, latency in logarithms. */
const errorClip = 0.05;
const latencyClip = 0.5;

/** After so many scrapes without a word of any user, nobody measures them: ten minutes. */
const silentMax = 40;

/** Doubles kept per journey; the fields follow. */
const stride = 6;
const seen = 0;
const usualErrors = 1;
/** Logarithm of the usual 95th percentile. */
const usualLatency = 2;
const failing = 3;
const slowing = 4;
/** Scrapes for which the journey has been alarming. */
const streak = 5;

type Tell = (column: number, strength: number, expected: number) => void;
type Part = 'rate' | 'errors' | 'latency';

const partOf: Readonly<Record<string, Part>> = {
  user_request_rate: 'rate',
  user_error_ratio: 'errors',
  user_latency_ms_p95: 'latency',
};

/**
 * What users feel, journey by journey: two cumulative sums of evidence (Page 1954), over failed and
 * over slow requests. Each reaches 1, an alarm, when trouble is overwhelming (two thirds of all
 * requests fail) or lasts: failures for three scrapes, slowness for seven to thirteen. Blips of a
 * scrape or two, as rollouts and cold caches make them, pass. Blind to trouble below a twentieth of
 * all requests and to intermittent slowness that is gone half of the time. O(1) per journey.
 */
export class UserSymptoms implements StatePart {
  /** Per journey the columns of its parts, -1 where one is not scraped. */
  readonly #journeys: Record<Part, number>[] = [];
  readonly #numbers = new Map<string, number>();
  #indexed = 0;
  /** For how many scrapes nothing has been heard of any user. */
  #silent = 0;
  #state = new Float64Array(0);
  /** Evidence as of the frame scored last: failing, slowing. */
  #next = new Float64Array(0);

  /** Whether anything was heard of users of late. */
  get sees(): boolean {
    return this.#journeys.length > 0 && this.#silent < silentMax;
  }

  /**
   * Tells the evidence, 1 being an alarm, of every error and latency column it has an opinion on.
   */
  score(frame: MetricsFrame, tell: Tell): void {
    const { values, index } = frame;
    this.#grow(index, values.length);
    for (let j = 0; j < this.#journeys.length; j += 1) {
      const { rate, errors, latency } = this.#journeys[j]!;
      const base = j * stride;
      this.#next[2 * j] = this.#state[base + failing]!;
      this.#next[2 * j + 1] = this.#state[base + slowing]!;
      if (rate < 0 || this.#state[base + seen]! < settings.warmUpPoints) continue;
      const requests = (values[rate]! * scrapeIntervalMs) / 1000;
      if (Number.isNaN(requests)) continue;
      if (errors >= 0 && !Number.isNaN(values[errors]!)) {
        const usual = this.#state[base + usualErrors]!;
        const step = this.#errorStep(values[errors]! - usual, usual, requests);
        this.#next[2 * j] = this.#added(this.#next[2 * j]!, step);
        tell(errors, this.#next[2 * j]!, usual);
      }
      if (latency >= 0 && !Number.isNaN(values[latency]!)) {
        const usual = Math.exp(this.#state[base + usualLatency]!);
        const step = this.#slowStep(values[latency]!, usual, requests);
        this.#next[2 * j + 1] = this.#added(this.#next[2 * j + 1]!, step);
        tell(latency, this.#next[2 * j + 1]!, usual);
      }
    }
  }

  /** Learns the frame that was scored last. */
  learn({ values }: MetricsFrame): void {
    this.#silent += 1;
    for (let j = 0; j < this.#journeys.length; j += 1) {
      const { rate, errors, latency } = this.#journeys[j]!;
      if (rate < 0 || Number.isNaN(values[rate]!)) continue;
      this.#silent = 0;
      const base = j * stride;
      this.#state[base + failing] = this.#next[2 * j]!;
      this.#state[base + slowing] = this.#next[2 * j + 1]!;
      const gain = Math.max(1 / (this.#state[base + seen]! + 1), 1 / usualPoints);
      this.#state[base + seen]! += 1;
      if (errors >= 0) this.#learnErrors(base, values[errors]!, gain);
      if (latency >= 0) this.#learnLatency(base, values[latency]!, gain);
      const isAlarming = Math.max(this.#next[2 * j]!, this.#next[2 * j + 1]!) >= 1;
      this.#state[base + streak] = isAlarming ? this.#state[base + streak]! + 1 : 0;
      if (this.#state[base + streak]! < settings.normAfter) continue;
      this.#state.fill(0, base, base + stride);
    }
  }

  writeState(writer: StateWriter): void {
    writer.array(this.#state);
    writer.integer(this.#silent);
  }

  /** Journeys are found again by the columns of the next frame. */
  readState(reader: StateReader): void {
    this.#state = reader.float64s();
    this.#silent = reader.integer();
  }

  #learnErrors(base: number, ratio: number, gain: number): void {
    if (Number.isNaN(ratio) || this.#state[base + failing]! >= doubt) return;
    const usual = this.#state[base + usualErrors]!;
    this.#state[base + usualErrors] = usual + gain * Math.min(ratio - usual, errorClip);
  }

  #learnLatency(base: number, latencyMs: number, gain: number): void {
    if (!(latencyMs > 0) || this.#state[base + slowing]! >= doubt) return;
    const usual = this.#state[base + usualLatency]!;
    const isNew = this.#state[base + seen]! <= settings.warmUpPoints;
    const limit = isNew ? Number.POSITIVE_INFINITY : latencyClip;
    const residual = Math.log(latencyMs) - usual;
    this.#state[base + usualLatency] = usual + gain * Math.max(-limit, Math.min(limit, residual));
  }

  /** An ordinary scrape ends an alarm at once, and takes back only some of the rest. */
  #added(evidence: number, step: number): number {
    if (step >= 0) return Math.min(evidenceMax, evidence + step);
    return Math.max(0, Math.min(evidence, 1) + step);
  }

  /** Few requests prove little: what counts are failures beyond two standard deviations. */
  #errorStep(excess: number, usual: number, requests: number): number {
    const { overwhelmingErrors, errorStep, graveErrors, requestsMin, decay } = settings;
    if (excess < errorsMin) return -decay;
    const deviation = Math.sqrt(Math.max(1, usual * requests));
    const surplus = Math.max(0, excess * requests - 2 * deviation);
    const step = (Math.min(1, surplus / requestsMin) * excess) / overwhelmingErrors;
    return excess >= graveErrors ? step : Math.min(errorStep, step);
  }

  #slowStep(latencyMs: number, usualMs: number, requests: number): number {
    const { slowFactor, slowMs, slowStep, requestsMin, decay } = settings;
    const limit = Math.max(slowFactor * usualMs, usualMs + slowMs);
    if (latencyMs <= limit) return -decay;
    const weight = Math.min(1, (0.05 * requests) / requestsMin);
    return weight * slowStep * Math.min(2, 1 + 0.5 * Math.log(latencyMs / limit));
  }

  #grow({ series }: SeriesIndex, columns: number): void {
    for (; this.#indexed < columns; this.#indexed += 1) {
      const { signal, component } = series[this.#indexed]!;
      const part = partOf[signal];
      if (part === undefined) continue;
      let number = this.#numbers.get(component);
      if (number === undefined) {
        number = this.#journeys.push({ rate: -1, errors: -1, latency: -1 }) - 1;
        this.#numbers.set(component, number);
      }
      this.#journeys[number]![part] = this.#indexed;
    }
    this.#state = grown(this.#state, this.#journeys.length * stride);
    this.#next = grown(this.#next, this.#journeys.length * 2);
  }
}
