import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { addRates, dispersion, type LineRate, learnRate, noLines } from './line-rate.ts';
import {
  type LogAnomaly,
  type LogDetector,
  type LogWindow,
  logThreshold,
  warmUpWindows,
} from './log-detector.ts';
import { TemplateStates } from './template-states.ts';

/** A template's rate when it was last seen, and how long it has been silent since. */
interface Presence {
  readonly rate: LineRate;
  readonly silentWindows: number;
}

/** A template is gone for good, and no alarm any more, at so many times the threshold. */
const goneAfter = 10;

/** Windows of a gap that are learnt: more leave nothing of the rate before it. */
const gapMax = 1000;

/**
 * Alarms on templates that stopped: a process with mean m per window is silent for w windows with
 * the chance e^(-m w / d), d being variance over mean. The rate is learnt while the template is
 * there, with the gaps between its lines. Slow on rare templates, by design: silence is told by
 * what is missed. O(known templates) per window.
 */
export class DisappearanceDetector implements LogDetector {
  readonly name = 'log_disappearance';
  readonly threshold: number;
  readonly #presences = new TemplateStates<Presence>();

  constructor({ threshold = logThreshold }: { readonly threshold?: number } = {}) {
    this.threshold = threshold;
  }

  score(window: LogWindow): readonly LogAnomaly[] {
    const isHeard = heardIn(window);
    const anomalies: LogAnomaly[] = [];
    for (const [service, id, { rate, silentWindows }] of this.#presences.entries()) {
      const template = window.current(id);
      if (template === undefined || isHeard(service, template)) continue;
      if (rate.windows < warmUpWindows) continue;
      const score = silenceSurprise(rate, silentWindows + 1);
      if (score < this.threshold) continue;
      anomalies.push({ service, template, score, count: 0, expected: rate.mean });
    }
    return anomalies;
  }

  learn(window: LogWindow): void {
    this.#presences.follow(window, (one, other) => ({
      rate: addRates(one.rate, other.rate),
      silentWindows: Math.min(one.silentWindows, other.silentWindows),
    }));
    const isHeard = heardIn(window);
    for (const [service, template, { rate, silentWindows }] of this.#presences.entries()) {
      if (isHeard(service, template)) continue;
      if (silenceSurprise(rate, silentWindows + 1) >= goneAfter * this.threshold) {
        this.#presences.delete(service, template);
      } else {
        this.#presences.set(service, template, { rate, silentWindows: silentWindows + 1 });
      }
    }
    for (const { service, template, count } of window.counts) {
      const { rate, silentWindows } = this.#presences.get(service, template) ?? {
        rate: noLines,
        silentWindows: 0,
      };
      let learnt = rate;
      const gap = Math.min(silentWindows, gapMax);
      for (let i = 0; i < gap; i += 1) learnt = learnRate(learnt, 0);
      this.#presences.set(service, template, { rate: learnRate(learnt, count), silentWindows: 0 });
    }
  }

  writeState(writer: StateWriter): void {
    this.#presences.writeState(writer);
  }

  readState(reader: StateReader): void {
    this.#presences.readState(reader);
  }
}

function silenceSurprise(rate: LineRate, windows: number): number {
  return ((rate.mean * windows) / dispersion(rate)) * Math.LOG10E;
}

function heardIn({ counts }: LogWindow): (service: string, template: number) => boolean {
  const heard = new TemplateStates<true>();
  for (const { service, template } of counts) heard.set(service, template, true);
  return (service, template) => heard.get(service, template) === true;
}
