import type {
  Detector,
  Evidence,
  Incident,
  Localizer,
  MetricsFrame,
  Topology,
} from '../core/observable/index.ts';
import type { RunRecord } from '../core/truth/index.ts';
import { createDetector, findAnomalies, IncidentTracker } from '../detectors/index.ts';
import { createLocalizer } from '../rca/index.ts';

const detectorNames = ['random', 'three_sigma'];
const localizerNames = ['random', 'loudest_service'];
/** A ranking beyond this rank scores nothing anyway. */
const keptSuspects = 5;

/**
 * Trivial detectors and localizers that look at the very same run, so that every score has one
 * beside it that costs nothing. They see what the stack sees and cause nothing.
 */
export class Baselines {
  readonly #detectors: readonly {
    readonly detector: Detector;
    readonly tracker: IncidentTracker;
  }[];
  readonly #localizers: readonly Localizer[] = localizerNames.map(createLocalizer);
  readonly #opened: { detector: string; incident: Incident }[] = [];
  readonly #ranked: RunRecord['baselines']['ranked'][number][] = [];

  constructor(topology: Topology, seed: number) {
    this.#detectors = detectorNames.map((name) => ({
      detector: createDetector(name, { seed }),
      tracker: new IncidentTracker(topology),
    }));
  }

  observe(frame: MetricsFrame): void {
    for (const { detector, tracker } of this.#detectors) {
      const anomalies = findAnomalies(detector, frame);
      detector.learn(frame);
      if (frame.atMs <= 0) continue;
      for (const { type, incident } of tracker.observe(frame.atMs, anomalies, frame)) {
        if (type === 'opened') this.#opened.push({ detector: detector.name, incident });
      }
    }
  }

  diagnose(evidence: Evidence): void {
    for (const localizer of this.#localizers) {
      this.#ranked.push({
        localizer: localizer.name,
        incidentId: evidence.incident.id,
        atMs: evidence.atMs,
        components: localizer
          .rank(evidence)
          .slice(0, keptSuspects)
          .map((suspect) => suspect.component),
      });
    }
  }

  result(): RunRecord['baselines'] {
    return {
      detectors: detectorNames.map((name) => ({
        detector: name,
        opened: this.#opened
          .filter(({ detector }) => detector === name)
          .map(({ incident: { id, openedAtMs, component } }) => ({ id, openedAtMs, component })),
      })),
      ranked: this.#ranked,
    };
  }
}
