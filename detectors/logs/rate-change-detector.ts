import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { poissonSurprise } from '../tails/poisson-surprise.ts';
import { addRates, dispersion, type LineRate, learnRate, noLines } from './line-rate.ts';
import {
  type LogAnomaly,
  type LogDetector,
  type LogWindow,
  logThreshold,
  warmUpWindows,
} from './log-detector.ts';
import { TemplateStates } from './template-states.ts';

/**
 * Alarms on templates that come much more or less often than in the last half hour: the tail of a
 * Poisson distribution whose counts are divided by variance over mean, so bursts raise their own
 * bar. Blind to a template in its first 40 windows and to silence, which the disappearance detector
 * hears; a slow drift is learnt. O(known templates) per window.
 */
export class RateChangeDetector implements LogDetector {
  readonly name = 'log_rate_change';
  readonly threshold: number;
  readonly #rates = new TemplateStates<LineRate>();

  constructor({ threshold = logThreshold }: { readonly threshold?: number } = {}) {
    this.threshold = threshold;
  }

  score(window: LogWindow): readonly LogAnomaly[] {
    const anomalies: LogAnomaly[] = [];
    for (const { service, template, count } of window.counts) {
      const rate = this.#rates.get(service, template);
      if (rate === undefined || rate.windows < warmUpWindows) continue;
      const unit = dispersion(rate);
      const score = poissonSurprise(count / unit, rate.mean / unit);
      if (score < this.threshold) continue;
      anomalies.push({ service, template, score, count, expected: rate.mean });
    }
    return anomalies;
  }

  learn(window: LogWindow): void {
    this.#rates.follow(window, addRates);
    const heard = new TemplateStates<number>();
    for (const { service, template, count } of window.counts) {
      heard.set(service, template, count);
      if (!this.#rates.get(service, template)) this.#rates.set(service, template, noLines);
    }
    for (const [service, template, rate] of this.#rates.entries()) {
      this.#rates.set(service, template, learnRate(rate, heard.get(service, template) ?? 0));
    }
  }

  writeState(writer: StateWriter): void {
    this.#rates.writeState(writer);
  }

  readState(reader: StateReader): void {
    this.#rates.readState(reader);
  }
}
