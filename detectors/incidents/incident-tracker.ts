import type {
  Anomaly,
  Checkpointed,
  ComponentId,
  Incident,
  MetricsFrame,
  Severity,
  Topology,
} from '../../core/observable/index.ts';
import { signalSpec } from '../../core/observable/index.ts';
import { restoreState, type StateId, type StatePart, saveState } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { readAnomaly, writeAnomaly } from './anomaly-state.ts';
import { ServiceGraph } from './service-graph.ts';
import { graver, severityOf } from './severity.ts';

export interface IncidentTrackerOptions {
  /** An incident closes after this long without an anomaly. */
  readonly quietMs?: number;
  /** A closed incident that flares up again within this is reopened, not doubled. */
  readonly graceMs?: number;
}

export interface IncidentChange {
  readonly type: 'opened' | 'updated' | 'closed';
  readonly incident: Incident;
}

/** An incident while it grows. */
interface Case {
  readonly id: string;
  readonly openedAtMs: number;
  updatedAtMs: number;
  closedAtMs: number | null;
  severity: Severity;
  readonly places: Set<string>;
  /** The strongest anomaly per `component signal`. */
  readonly strongest: Map<string, Anomaly>;
}

/** An anomaly this much stronger than what was told of its column is news. */
const newsFactor = 1.5;

/**
 * Turns anomalies into incidents. What happens in related places (one calls the other, runs on it
 * or shares its zone) within the same minutes is one incident; load alone never opens one.
 * Unrelated places fail as incidents of their own. Merges too much where everything depends on
 * everything.
 */
export class IncidentTracker implements Checkpointed, StatePart {
  readonly #graph: ServiceGraph;
  readonly #quietMs: number;
  readonly #graceMs: number;
  /** Open incidents and those closed within the grace window, oldest first. */
  #cases: Case[] = [];
  #opened = 0;

  constructor(topology: Topology, options: IncidentTrackerOptions = {}) {
    this.#graph = new ServiceGraph(topology);
    this.#quietMs = options.quietMs ?? 180_000;
    this.#graceMs = options.graceMs ?? 300_000;
  }

  /**
   * What changed with this scrape. `updated` is told when there is news: another component or
   * signal, a much stronger deviation, a graver severity, or a closed incident that flares up
   * again.
   */
  observe(
    atMs: number,
    anomalies: readonly Anomaly[],
    frame: MetricsFrame,
  ): readonly IncidentChange[] {
    this.#graph.read(frame);
    const changes: IncidentChange[] = [];
    for (const group of this.#group(anomalies)) {
      const known = this.#cases.find(({ places }) => this.#areRelated([...places], group.places));
      if (known) {
        if (this.#extend(known, group, atMs))
          changes.push({ type: 'updated', incident: this.#tell(known) });
      } else if (group.anomalies.some(({ signal }) => signalSpec(signal).role !== 'load')) {
        changes.push({ type: 'opened', incident: this.#tell(this.#open(group, atMs)) });
      }
    }
    for (const open of this.#cases) {
      if (open.closedAtMs !== null || atMs - open.updatedAtMs < this.#quietMs) continue;
      open.closedAtMs = atMs;
      changes.push({ type: 'closed', incident: this.#tell(open) });
    }
    this.#cases = this.#cases.filter(
      ({ closedAtMs }) => closedAtMs === null || atMs - closedAtMs < this.#graceMs,
    );
    return changes;
  }

  save(): Uint8Array {
    return saveState(this.#stateId, this);
  }

  restore(bytes: Uint8Array): void {
    restoreState(this.#stateId, bytes, this);
  }

  writeState(writer: StateWriter): void {
    this.#graph.writeState(writer);
    writer.integer(this.#opened);
    writer.integer(this.#cases.length);
    for (const known of this.#cases) writeCase(writer, known);
  }

  readState(reader: StateReader): void {
    this.#graph.readState(reader);
    this.#opened = reader.integer();
    this.#cases = Array.from({ length: reader.integer() }, () => readCase(reader));
  }

  get #stateId(): StateId {
    const settings = { quietMs: this.#quietMs, graceMs: this.#graceMs };
    return { kind: 'incidents', version: 1, settings };
  }

  /** Parts the anomalies so that related ones stay together, in order of first appearance. */
  #group(anomalies: readonly Anomaly[]): { places: string[]; anomalies: Anomaly[] }[] {
    let groups: { places: string[]; anomalies: Anomaly[] }[] = [];
    for (const anomaly of anomalies) {
      const merged = { places: [...this.#graph.placesOf(anomaly)], anomalies: [anomaly] };
      const rest: typeof groups = [];
      for (const group of groups) {
        if (!this.#areRelated(group.places, merged.places)) {
          rest.push(group);
          continue;
        }
        merged.places = [...new Set([...group.places, ...merged.places])];
        merged.anomalies = [...group.anomalies, ...merged.anomalies];
      }
      groups = [...rest, merged];
    }
    return groups;
  }

  #areRelated(places: readonly string[], others: readonly string[]): boolean {
    return places.some((place) => others.some((other) => this.#graph.related(place, other)));
  }

  #open(group: { places: string[]; anomalies: Anomaly[] }, atMs: number): Case {
    this.#opened += 1;
    const opened: Case = {
      id: `inc-${this.#opened}`,
      openedAtMs: atMs,
      updatedAtMs: atMs,
      closedAtMs: null,
      severity: 'info',
      places: new Set(),
      strongest: new Map(),
    };
    this.#cases.push(opened);
    this.#extend(opened, group, atMs);
    return opened;
  }

  /** Adds a group to a case; true when there is news. */
  #extend(known: Case, group: { places: string[]; anomalies: Anomaly[] }, atMs: number): boolean {
    let isNews = known.closedAtMs !== null;
    known.updatedAtMs = atMs;
    known.closedAtMs = null;
    for (const place of group.places) known.places.add(place);
    for (const anomaly of group.anomalies) {
      const key = columnKey(anomaly);
      const before = known.strongest.get(key);
      if (before && strengthOf(anomaly) <= strengthOf(before)) continue;
      if (!before || strengthOf(anomaly) > newsFactor * strengthOf(before)) isNews = true;
      known.strongest.set(key, anomaly);
    }
    const severity = graver(known.severity, severityOf([...known.strongest.values()]));
    if (severity !== known.severity) isNews = true;
    known.severity = severity;
    return isNews;
  }

  #tell(known: Case): Incident {
    const anomalies = [...known.strongest.values()].sort(
      (a, b) =>
        strengthOf(b) - strengthOf(a) ||
        (a.component < b.component ? -1 : a.component > b.component ? 1 : 0) ||
        (a.signal < b.signal ? -1 : 1),
    );
    return {
      id: known.id,
      openedAtMs: known.openedAtMs,
      updatedAtMs: known.updatedAtMs,
      closedAtMs: known.closedAtMs,
      severity: known.severity,
      component: this.#filedUnder(anomalies),
      components: [...new Set(anomalies.map(({ component }) => component))],
      anomalies,
      summary: anomalies.map(summaryOf),
    };
  }

  /** The loudest service that calls no other ailing one; without ailing services, the loudest. */
  #filedUnder(anomalies: readonly Anomaly[]): ComponentId {
    const ailing = new Set<string>();
    for (const anomaly of anomalies) {
      if (signalSpec(anomaly.signal).role === 'load') continue;
      // An edge's far end is where its trouble comes from.
      const place = this.#graph.placesOf(anomaly).at(-1) as string;
      if (!place.includes('/')) ailing.add(place);
    }
    const deepest = [...ailing].find((a) => ![...ailing].some((b) => this.#graph.calls(a, b)));
    return deepest === undefined ? (anomalies[0] as Anomaly).component : `service/${deepest}`;
  }
}

function writeCase(writer: StateWriter, known: Case): void {
  writer.text(known.id);
  writer.number(known.openedAtMs);
  writer.number(known.updatedAtMs);
  writer.number(known.closedAtMs ?? Number.NaN);
  writer.text(known.severity);
  writer.texts([...known.places]);
  writer.integer(known.strongest.size);
  for (const anomaly of known.strongest.values()) writeAnomaly(writer, anomaly);
}

function readCase(reader: StateReader): Case {
  const id = reader.text();
  const openedAtMs = reader.number();
  const updatedAtMs = reader.number();
  const closedAtMs = reader.number();
  const known: Case = {
    id,
    openedAtMs,
    updatedAtMs,
    closedAtMs: Number.isNaN(closedAtMs) ? null : closedAtMs,
    severity: reader.text() as Severity,
    places: new Set(reader.texts()),
    strongest: new Map(),
  };
  const length = reader.integer();
  for (let i = 0; i < length; i += 1) {
    const anomaly = readAnomaly(reader);
    known.strongest.set(columnKey(anomaly), anomaly);
  }
  return known;
}

function columnKey({ component, signal }: Anomaly): string {
  return `${component} ${signal}`;
}

function strengthOf({ zScore }: Anomaly): number {
  return !Number.isNaN(zScore) ? Math.abs(zScore) : 0;
}

/** `metric: value (z-score)`. */
function summaryOf({ signal, component, value, zScore }: Anomaly): string {
  return `${signal}{${component}}: ${Number(value.toPrecision(4))} (${zScore.toFixed(1)})`;
}
