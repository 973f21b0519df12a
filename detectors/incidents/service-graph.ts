import type { Anomaly, MetricsFrame, Topology } from '../../core/observable/index.ts';
import { componentKind, componentName } from '../../core/observable/index.ts';
import type { StatePart } from '../checkpoint/checkpoint.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';

/** Which services' troubles can be one trouble, from who calls whom and what runs where. */
export class ServiceGraph implements StatePart {
  readonly #entryService: string;
  readonly #zoneOfNode: ReadonlyMap<string, string>;
  /** Per service, everything it calls, directly or not, itself included. */
  readonly #reach = new Map<string, ReadonlySet<string>>();
  #hosted = new Map<string, Set<string>>();
  #indexed = 0;

  constructor(topology: Topology) {
    this.#entryService = topology.entryService;
    this.#zoneOfNode = new Map(topology.nodes.map(({ name, zone }) => [name, zone]));
    const calls = new Map<string, string[]>();
    for (const { from, to } of topology.calls) calls.set(from, [...(calls.get(from) ?? []), to]);
    for (const { name } of topology.services) this.#reach.set(name, reachable(name, calls));
  }

  /** Learns which services have pods on which nodes from the labels of the frame's columns. */
  read({ index, values }: MetricsFrame): void {
    for (; this.#indexed < values.length; this.#indexed += 1) {
      const { component, labels } = index.series[this.#indexed]!;
      const { node, service } = labels;
      if (componentKind(component) !== 'pod' || !node || !service) continue;
      this.#hosted.set(node, (this.#hosted.get(node) ?? new Set()).add(service));
    }
  }

  writeState(writer: StateWriter): void {
    writer.integer(this.#indexed);
    writer.plain([...this.#hosted].map(([node, services]) => [node, [...services]]));
  }

  readState(reader: StateReader): void {
    this.#indexed = reader.integer();
    const hosted = reader.plain<[string, string[]][]>();
    this.#hosted = new Map(hosted.map(([node, services]) => [node, new Set(services)]));
  }

  /**
   * The places an anomaly is about: service names, or `node/x`, which stands for what runs there.
   */
  placesOf({ component, labels }: Anomaly): readonly string[] {
    const name = componentName(component);
    switch (componentKind(component)) {
      case 'user':
        return [this.#entryService];
      case 'service':
        return [name];
      case 'edge':
        return name.split('->');
      case 'node':
        return [component];
      case 'zone':
        return [component];
      default:
        return [labels.service ?? this.#entryService];
    }
  }

  /** Whether trouble in one place can be the cause or the consequence of trouble in the other. */
  related(a: string, b: string): boolean {
    if (a === b || this.#reach.get(a)?.has(b) || this.#reach.get(b)?.has(a)) return true;
    const zone = this.#zoneOf(a);
    if (zone !== undefined && zone === this.#zoneOf(b)) return true;
    return this.#hosts(a, b) || this.#hosts(b, a);
  }

  /** Whether one service calls the other, directly or not. */
  calls(from: string, to: string): boolean {
    return from !== to && this.#reach.get(from)?.has(to) === true;
  }

  #zoneOf(place: string): string | undefined {
    if (place.startsWith('zone/')) return componentName(place);
    return place.startsWith('node/') ? this.#zoneOfNode.get(componentName(place)) : undefined;
  }

  #hosts(place: string, service: string): boolean {
    return (
      place.startsWith('node/') && this.#hosted.get(componentName(place))?.has(service) === true
    );
  }
}

function reachable(
  from: string,
  calls: ReadonlyMap<string, readonly string[]>,
): ReadonlySet<string> {
  const seen = new Set([from]);
  for (const service of seen) for (const next of calls.get(service) ?? []) seen.add(next);
  return seen;
}
