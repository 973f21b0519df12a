import type { PodView } from '../cluster-view.ts';
import { eachRun, matchPods, type PodMatch } from '../data-plane/pod-match.ts';
import type { PodIdentities, PodIdentity } from './pod-identity.ts';

/** What every scrape reads of a view's pods, as columns in the view's order. */
export interface PodTable {
  readonly pods: readonly PodView[];
  /** What telemetry says of where they are: looked up once, not when each of them speaks. */
  readonly identities: readonly PodIdentity[];
  /** Addresses the pods' draws; signed, as draw addresses of columns are. */
  readonly entity: Int32Array;
  /** Services in order of appearance, and the number of each pod's among them. */
  readonly services: readonly string[];
  readonly service: Uint32Array;
  /** 1 where a process runs, listens, takes traffic; and where one left last words. */
  readonly isRunning: Uint8Array;
  readonly isListening: Uint8Array;
  readonly inEndpoints: Uint8Array;
  readonly hasLastWords: Uint8Array;
  readonly startedUs: Float64Array;
  readonly restarts: Float64Array;
  readonly cpuLimitCores: Float64Array;
  readonly memoryLimitBytes: Float64Array;
  /** Which of the pods are those of the table before; null: nobody looked. */
  readonly match: PodMatch | null;
}

/** The table of the latest view; a pure function of it, hence shared between forks. */
export class PodTables {
  readonly #identities: PodIdentities;
  #latest: PodTable | null = null;

  constructor(identities: PodIdentities) {
    this.#identities = identities;
  }

  /** The table of a view's pods; most views are those of the scrape before, or nearly so. */
  of(pods: readonly PodView[]): PodTable {
    if (this.#latest?.pods !== pods) {
      const match = this.#latest && matchPods(this.#latest.pods, pods);
      this.#latest = this.#build(pods, this.#latest, match);
    }
    return this.#latest;
  }

  #build(pods: readonly PodView[], earlier: PodTable | null, match: PodMatch | null): PodTable {
    const bytes = (): Uint8Array<ArrayBuffer> => new Uint8Array(pods.length);
    const numbers = (): Float64Array<ArrayBuffer> => new Float64Array(pods.length);
    const table = {
      pods,
      identities: new Array<PodIdentity>(pods.length),
      entity: new Int32Array(pods.length),
      services: [...(earlier?.services ?? [])],
      service: new Uint32Array(pods.length),
      isRunning: bytes(),
      isListening: bytes(),
      inEndpoints: bytes(),
      hasLastWords: bytes(),
      startedUs: numbers(),
      restarts: numbers(),
      cpuLimitCores: numbers(),
      memoryLimitBytes: numbers(),
      match,
    };
    if (earlier && match) takeOver(table, earlier, match.before);
    const known = new Map(table.services.map((name, s) => [name, s]));
    for (const i of match?.changed ?? pods.keys()) this.#read(table, i, known);
    return table;
  }

  #read(table: WritableTable, i: number, known: Map<string, number>): void {
    const pod = table.pods[i] as PodView;
    let service = known.get(pod.service);
    if (service === undefined) {
      service = table.services.length;
      table.services.push(pod.service);
      known.set(pod.service, service);
    }
    table.service[i] = service;
    const identity = this.#identities.of(pod);
    table.identities[i] = identity;
    table.entity[i] = identity.entity;
    table.isRunning[i] = pod.running ? 1 : 0;
    table.isListening[i] = pod.listening ? 1 : 0;
    table.inEndpoints[i] = pod.inEndpoints ? 1 : 0;
    table.hasLastWords[i] = pod.lastWords ? 1 : 0;
    table.startedUs[i] = pod.processStartedUs;
    table.restarts[i] = pod.restartCount;
    table.cpuLimitCores[i] = pod.cpuLimitCores;
    table.memoryLimitBytes[i] = pod.memoryLimitBytes;
  }
}

type WritableTable = Omit<PodTable, 'services' | 'identities'> & {
  readonly services: string[];
  readonly identities: PodIdentity[];
};

const columns = [
  'entity',
  'service',
  'isRunning',
  'isListening',
  'inEndpoints',
  'hasLastWords',
  'startedUs',
  'restarts',
  'cpuLimitCores',
  'memoryLimitBytes',
] as const;

function takeOver(table: WritableTable, earlier: PodTable, before: Int32Array): void {
  eachRun(before, ({ first, to, count }) => {
    if (first < 0) return;
    for (const column of columns) {
      table[column].set(earlier[column].subarray(first, first + count), to);
    }
    for (let i = 0; i < count; i += 1) {
      table.identities[to + i] = earlier.identities[first + i] as PodIdentity;
    }
  });
}
