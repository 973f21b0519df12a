import type { Checkpointed, LogEvidence, Telemetry } from '../../core/observable/index.ts';
import { restoreState, type StateId, saveState } from '../checkpoint/checkpoint.ts';
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

/**
 * `templates` looks at each template alone, a third of the cost; `all` also at how they go
 * together.
 */
type LogScope = 'templates' | 'all';

/** Log detectors over one stream of telemetry, window by window. */
export class LogWatcher implements Checkpointed {
  readonly #scope: LogScope;
  readonly #counter = new LogCounter();
  readonly #detectors: readonly LogDetector[];

  constructor(scope: LogScope = 'all') {
    this.#scope = scope;
    this.#detectors = [
      new NewTemplateDetector(),
      new RateChangeDetector(),
      new DisappearanceDetector(),
      ...(scope === 'all'
        ? [new SequenceClusterDetector(), new CountPcaDetector(), new InvariantDetector()]
        : []),
    ];
  }

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
    return saveState(this.#stateId, this);
  }

  restore(bytes: Uint8Array): void {
    restoreState(this.#stateId, bytes, this);
  }

  get #stateId(): StateId {
    return { kind: 'log_watcher', version: 2, settings: { scope: this.#scope } };
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
