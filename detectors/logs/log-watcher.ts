import type { Checkpointed, ComponentId, Telemetry } from '../../core/observable/index.ts';
import { restoreState, saveState } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { CountPcaDetector } from './count-pca-detector.ts';
import { DisappearanceDetector } from './disappearance-detector.ts';
import { InvariantDetector } from './invariant-detector.ts';
import { LogCounter } from './log-counter.ts';
import type { LogDetector } from './log-detector.ts';
import { NewTemplateDetector } from './new-template-detector.ts';
import { RateChangeDetector } from './rate-change-detector.ts';
import { SequenceClusterDetector } from './sequence-cluster-detector.ts';

/** What a service's logs say that they did not say before: evidence beside the metrics'. */
export interface LogEvidence {
  readonly atMs: number;
  readonly component: ComponentId;
  /** Which detector: what kind of change it is. */
  readonly detector: string;
  /** The line with `<*>` for what varies. */
  readonly template: string;
  /** In units of the detector's threshold, 1 or more. */
  readonly strength: number;
  readonly count: number;
  readonly expected: number;
}

const stateId = { kind: 'log_watcher', version: 1 };

/** All log detectors over one stream of telemetry, window by window. */
export class LogWatcher implements Checkpointed {
  readonly #counter = new LogCounter();
  readonly #detectors: readonly LogDetector[] = [
    new NewTemplateDetector(),
    new RateChangeDetector(),
    new DisappearanceDetector(),
    new SequenceClusterDetector(),
    new CountPcaDetector(),
    new InvariantDetector(),
  ];

  /** The names of the detectors, in the order of their evidence. */
  get detectors(): readonly string[] {
    return this.#detectors.map(({ name }) => name);
  }

  /** Takes in the lines of a window and gives what is unusual about them. */
  observe(telemetry: Pick<Telemetry, 'untilMs' | 'logs'>): LogEvidence[] {
    const window = this.#counter.count(telemetry);
    return this.#detectors.flatMap((detector) => {
      const anomalies = detector.score(window);
      detector.learn(window);
      return anomalies.map(
        ({ service, template, score, count, expected }): LogEvidence => ({
          atMs: telemetry.untilMs,
          component: `service/${service}`,
          detector: detector.name,
          template: this.#counter.templateOf(template)?.text ?? '',
          strength: score / detector.threshold,
          count,
          expected,
        }),
      );
    });
  }

  save(): Uint8Array {
    return saveState(stateId, this);
  }

  restore(bytes: Uint8Array): void {
    restoreState(stateId, bytes, this);
  }

  writeState(writer: StateWriter): void {
    this.#counter.writeState(writer);
    for (const detector of this.#detectors) detector.writeState(writer);
  }

  readState(reader: StateReader): void {
    this.#counter.readState(reader);
    for (const detector of this.#detectors) detector.readState(reader);
  }
}
