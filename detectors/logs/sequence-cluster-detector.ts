import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { poissonSurprise } from '../tails/poisson-surprise.ts';
import { type CountRow, CountRows, renamed } from './count-rows.ts';
import { noise } from './dbscan.ts';
import {
  type LogAnomaly,
  type LogDetector,
  type LogWindow,
  logThreshold,
  type PodLines,
} from './log-detector.ts';
import { SequenceClusters } from './sequence-clusters.ts';
import { ServiceStates } from './service-states.ts';

/** A pod's sequence ends with so many lines, or after so many windows if it has a few. */
const linesMax = 20;
const windowsMax = 8;
const linesMin = 5;
/** Sequences remembered per service, those before there is an opinion, and new ones per fit. */
const rowsMax = 256;
const rowsMin = 48;
const refitAfter = 64;
/** The newest sequences, in which a cluster may surge. */
const recentMax = 12;

/** Lines of a pod that are not a whole sequence yet. */
interface Pending {
  readonly counts: CountRow;
  readonly windows: number;
}

interface Labelled {
  readonly row: CountRow;
  readonly label: number;
}

/** What is known of one service. */
interface Service {
  readonly rows: CountRows;
  readonly pending: Map<string, Pending>;
  recent: Labelled[];
  /** The rows that the clusters were made of. */
  fitted: readonly CountRow[];
  clusters: SequenceClusters | null;
  rowsSinceFit: number;
}

/**
 * Alarms when the log sequences of a service's pods begin to form a new cluster, as after a deploy,
 * or when a rare cluster grows: the tail of a Poisson distribution of the newest 12 sequences at
 * the share that the cluster had in the last 256. A sequence is 20 lines of a pod, or two minutes.
 * Deaf to pods that write less, and to a change that all pods have had for 256 sequences. O(256 ×
 * 64) per sequence, a fit of O(256² × 64) every 64.
 */
export class SequenceClusterDetector implements LogDetector {
  readonly name = 'log_clusters';
  readonly threshold: number;
  readonly #services = new ServiceStates<Service>({
    create: () => ({
      rows: new CountRows(rowsMax),
      pending: new Map(),
      recent: [],
      fitted: [],
      clusters: null,
      rowsSinceFit: 0,
    }),
    write: (writer, { rows, pending, recent, fitted, rowsSinceFit }) => {
      rows.writeState(writer);
      writer.plain({ pending: [...pending], recent, fitted, rowsSinceFit });
    },
    read: (reader, service) => {
      service.rows.readState(reader);
      const { pending, ...saved } = reader.plain<
        Pick<Service, 'recent' | 'fitted' | 'rowsSinceFit'> & { pending: [string, Pending][] }
      >();
      Object.assign(service, saved);
      for (const [pod, one] of pending) service.pending.set(pod, one);
      service.clusters = saved.fitted.length > 0 ? new SequenceClusters(saved.fitted) : null;
    },
  });

  constructor({ threshold = logThreshold }: { readonly threshold?: number } = {}) {
    this.threshold = threshold;
  }

  score(window: LogWindow): readonly LogAnomaly[] {
    const services = Map.groupBy(window.pods, ({ service }) => service);
    return [...services].flatMap(([name, pods]) => {
      const service = this.#services.get(name);
      const { clusters } = service ?? {};
      if (!service || !clusters) return [];
      const ended = pods.flatMap((pod) => endedWith(service, pod, window));
      const labelled = ended.map((row) => ({ row, label: clusters.labelOf(row) }));
      return this.#surges(name, clusters, [...service.recent, ...labelled], labelled);
    });
  }

  learn(window: LogWindow): void {
    for (const [, service] of this.#services) {
      if (service.rows.follow(window.current)) this.#forget(service, window);
    }
    const heard = new Set<Pending>();
    for (const pod of window.pods) {
      const service = this.#services.of(pod.service);
      const [ended] = endedWith(service, pod, window);
      if (ended) {
        service.pending.delete(pod.pod);
        this.#learnRow(service, ended);
        continue;
      }
      const pending = joined(service, pod, window);
      service.pending.set(pod.pod, pending);
      heard.add(pending);
    }
    for (const [, { pending }] of this.#services) {
      for (const [pod, own] of pending) {
        if (heard.has(own)) continue;
        if (own.windows + 1 >= windowsMax) pending.delete(pod);
        else pending.set(pod, { ...own, windows: own.windows + 1 });
      }
    }
  }

  writeState(writer: StateWriter): void {
    this.#services.writeState(writer);
  }

  readState(reader: StateReader): void {
    this.#services.readState(reader);
  }

  #surges(
    service: string,
    clusters: SequenceClusters,
    all: readonly Labelled[],
    fresh: readonly Labelled[],
  ): LogAnomaly[] {
    const newest = all.slice(-recentMax);
    return fresh.flatMap(({ row, label }) => {
      const like = newest.filter(
        (one) => one.label === label && (label !== noise || clusters.isNear(one.row, row)),
      );
      const expected = newest.length * clusters.shareOf(label);
      if (like.length <= expected) return [];
      const score = poissonSurprise(like.length, expected);
      if (score < this.threshold) return [];
      const template = clusters.oddest(row);
      const lines = row.reduce((sum, [, count]) => sum + count, 0);
      const count = row.find(([one]) => one === template)?.[1] ?? 0;
      return [{ service, template, score, count, expected: clusters.expected(template, lines) }];
    });
  }

  #learnRow(service: Service, row: CountRow): void {
    service.rows.push(row);
    service.rowsSinceFit += 1;
    if (service.clusters) {
      service.recent.push({ row, label: service.clusters.labelOf(row) });
      if (service.recent.length > recentMax) service.recent.shift();
    }
    const due = service.clusters === null ? rowsMin : refitAfter;
    if (service.rows.rows.length >= rowsMin && service.rowsSinceFit >= due) this.#fit(service);
  }

  /** The same by the templates' new names. */
  #forget(service: Service, { current }: LogWindow): void {
    for (const [pod, { counts, windows }] of service.pending) {
      service.pending.set(pod, { counts: renamed(counts, current), windows });
    }
    if (service.clusters) this.#fit(service);
  }

  #fit(service: Service): void {
    service.fitted = [...service.rows.rows];
    service.clusters = new SequenceClusters(service.fitted);
    service.recent = [];
    service.rowsSinceFit = 0;
  }
}

/** What a pod has written since its last sequence, this window included. */
function joined({ pending }: Service, { pod, counts }: PodLines, { current }: LogWindow): Pending {
  const before = pending.get(pod);
  return {
    counts: renamed([...(before?.counts ?? []), ...counts], current),
    windows: (before?.windows ?? 0) + 1,
  };
}

/** The sequence that ends with this window, if one does. */
function endedWith(service: Service, pod: PodLines, window: LogWindow): CountRow[] {
  const { counts, windows } = joined(service, pod, window);
  const lines = counts.reduce((sum, [, count]) => sum + count, 0);
  const isWhole = lines >= linesMax || (windows >= windowsMax && lines >= linesMin);
  return isWhole ? [counts] : [];
}
