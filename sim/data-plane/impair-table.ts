import type { Cause } from '../../core/truth/index.ts';
import { type Impairment, isChanging, strengthAt } from '../impairments/impairment.ts';
import type { CallGraph, GraphCall } from './call-graph.ts';
import { type Columns, createColumns } from './columns.ts';
import { add, multiply, unite } from './impair-columns.ts';
import { findPlaces, type Places } from './impair-places.ts';
import { addWay, type Ways, wayFields, wayOf } from './impair-ways.ts';
import { sizeOf } from './pod-groups.ts';
import type { PodState } from './pod-state.ts';
import type { TopologyIndex } from './topology-index.ts';
import { addServicesAt, TouchedPlaces } from './touched-places.ts';

const slotFields = ['cpuFactor', 'waitMs', 'errorShare', 'stallShare', 'stallMs'] as const;
const podFields = ['cores', 'bytes', 'inFlightFactor', 'takenShare'] as const;

/** Attempts offered to each service in the last tick. */
interface Offers {
  readonly offered: Float64Array;
}

/**
 * Everything that is wrong at present, as dense factors that the flow model reads at few points.
 * There is none while nothing is wrong.
 */
export class ImpairTable {
  readonly slot: Columns<(typeof slotFields)[number]>;
  readonly pod: Columns<(typeof podFields)[number]>;
  readonly nodeCores: Float64Array;
  /** Per pod: how far its node's clock is ahead. */
  readonly clockOffsetMs: Float64Array;
  /** Ways from a row (zone or users) into a pod, at [row · pods + pod]. */
  readonly into: Ways;
  /** Ways out of each pod. */
  readonly outOf: Ways;
  /** Ways between services: calls first, then journeys. */
  readonly link: Ways;
  /** Per call: how often it is made, retries beyond its policy's, and its time-out. */
  readonly count: Float64Array;
  readonly extraRetries: Float64Array;
  readonly timeoutMs: Float64Array;
  /** Per journey: requests per second from clients that are no users. */
  readonly hostilePerSec: Float64Array;
  /** Per service: records that its consumers have not read. */
  readonly lagRecords: Float64Array;
  /** What a failure is put down to where it shows; null where nothing is wrong. */
  readonly slotCause: (Cause | null)[];
  readonly intoCause: (Cause | null)[];
  readonly outOfCause: (Cause | null)[];
  readonly linkCause: (Cause | null)[];
  /** Where factors differ from those in good health. */
  readonly touched: TouchedPlaces;
  /** Services where factors may differ from second to second. */
  readonly changingServices: Int32Array;
  readonly #graph: CallGraph;
  readonly #index: TopologyIndex;
  readonly #list: readonly Impairment[];
  readonly #places: readonly Places[];
  readonly #isChanging: boolean;
  #isFresh = true;

  constructor(graph: CallGraph, index: TopologyIndex, list: readonly Impairment[]) {
    this.#graph = graph;
    this.#index = index;
    this.#list = [...list];
    this.#places = list.map((impairment) => findPlaces(graph, index, impairment));
    this.#isChanging = list.some(isChanging);
    const pods = index.pods.length;
    const links = graph.calls.length + graph.journeys.length;
    this.touched = new TouchedPlaces(graph, index);
    list.forEach((impairment, k) => {
      this.touched.add(impairment, this.#places[k] as Places);
    });
    this.changingServices = this.#findChanging();
    this.slot = createColumns(slotFields, index.slotOperation.length);
    this.pod = createColumns(podFields, pods);
    this.nodeCores = new Float64Array(index.nodes.length);
    this.clockOffsetMs = new Float64Array(pods);
    this.into = createColumns(wayFields, pods * (graph.zones.length + 1));
    this.outOf = createColumns(wayFields, pods);
    this.link = createColumns(wayFields, links);
    this.count = new Float64Array(graph.calls.length);
    this.extraRetries = new Float64Array(graph.calls.length);
    this.timeoutMs = new Float64Array(graph.calls.length);
    this.hostilePerSec = new Float64Array(graph.journeys.length);
    this.lagRecords = new Float64Array(graph.services.length);
    this.slotCause = new Array(index.slotOperation.length).fill(null);
    this.intoCause = new Array(pods).fill(null);
    this.outOfCause = new Array(pods).fill(null);
    this.linkCause = new Array(links).fill(null);
  }

  #findChanging(): Int32Array {
    const marks = new Uint8Array(this.#graph.services.length);
    const parts = { graph: this.#graph, index: this.#index };
    this.#list.forEach((impairment, k) => {
      if (isChanging(impairment)) addServicesAt(marks, parts, this.#places[k] as Places);
    });
    return Int32Array.from(marks.keys()).filter((s) => marks[s] === 1);
  }

  /** Whether it still describes this list and index. */
  fits(index: TopologyIndex, list: readonly Impairment[]): boolean {
    return (
      index === this.#index &&
      list.length === this.#list.length &&
      list.every((impairment, i) => impairment === this.#list[i])
    );
  }

  /** Brings every factor to an instant; `offered` is what services were asked for last. */
  follow(atMs: number, { state, calls }: { state: PodState; calls: Offers }): void {
    if (!this.#isChanging && !this.#isFresh) return;
    this.#isFresh = false;
    this.#clear();
    this.#list.forEach((impairment, k) => {
      const places = this.#places[k] as Places;
      const { course } = impairment;
      const strength = strengthAt(course, atMs, Number.NEGATIVE_INFINITY);
      if (course.perProcess) this.#addPerProcess(impairment, places, { atMs, state });
      else if (strength > 0) {
        this.#addWork(impairment, places, strength);
        const ageMs = atMs - course.sinceMs;
        this.#addPods(impairment, places.pods, { strength, ageMs });
        const { lagPerSec } = impairment.amounts;
        if (places.service >= 0) add(this.lagRecords, places.service, lagPerSec, ageMs / 1000);
      }
      if (strength <= 0) return;
      this.#addWays(impairment, places, { strength, calls });
      this.#addCalls(impairment, places, strength);
    });
  }

  #clear(): void {
    for (const field of slotFields) this.slot[field].fill(field === 'cpuFactor' ? 1 : 0);
    for (const field of podFields) this.pod[field].fill(field === 'inFlightFactor' ? 1 : 0);
    for (const field of wayFields) {
      this.into[field].fill(0);
      this.outOf[field].fill(0);
      this.link[field].fill(0);
    }
    this.nodeCores.fill(0);
    this.clockOffsetMs.fill(0);
    this.hostilePerSec.fill(0);
    this.lagRecords.fill(0);
    this.slotCause.fill(null);
    this.intoCause.fill(null);
    this.outOfCause.fill(null);
    this.linkCause.fill(null);
    const { count, timeoutMs } = this.#graph.perCall;
    this.count.set(count);
    this.extraRetries.fill(0);
    this.timeoutMs.set(timeoutMs);
  }

  #addPerProcess(
    impairment: Impairment,
    places: Places,
    { atMs, state }: { atMs: number; state: PodState },
  ): void {
    const { firstSlot } = this.#index;
    const { sinceMs } = impairment.course;
    const pods = new Int32Array(1);
    for (const p of places.pods) {
      const startedMs = (state.pod.startedUs[p] as number) / 1000;
      const strength = strengthAt(impairment.course, atMs, startedMs);
      if (!(strength > 0)) continue;
      pods[0] = p;
      const own = (i: number): boolean =>
        i >= (firstSlot[p] as number) && i < (firstSlot[p + 1] as number);
      const slots = places.slots.filter(own);
      this.#addWork(impairment, { ...places, slots, nodes: new Int32Array(0) }, strength);
      this.#addPods(impairment, pods, { strength, ageMs: atMs - Math.max(sinceMs, startedMs) });
    }
  }

  #addWork({ amounts, cause }: Impairment, { slots, nodes }: Places, strength: number) {
    const { slot } = this;
    for (const i of slots) {
      multiply(slot.cpuFactor, i, amounts.cpuFactor, strength);
      add(slot.waitMs, i, amounts.waitMs, strength);
      unite(slot.errorShare, i, amounts.errorShare, strength);
      if (amounts.stallShare) {
        unite(slot.stallShare, i, amounts.stallShare, strength);
        slot.stallMs[i] = Math.max(slot.stallMs[i] as number, amounts.stallMs ?? 0);
      }
      this.slotCause[i] = cause;
    }
    for (const n of nodes) {
      add(this.nodeCores, n, amounts.nodeCores, strength);
    }
  }

  #addPods(
    { amounts }: Impairment,
    pods: Int32Array,
    { strength, ageMs }: { strength: number; ageMs: number },
  ): void {
    const { pod } = this;
    for (const p of pods) {
      add(pod.cores, p, amounts.podCores, strength);
      add(pod.bytes, p, amounts.podBytes, strength);
      add(pod.bytes, p, amounts.podBytesPerSec, ageMs / 1000);
      multiply(pod.inFlightFactor, p, amounts.inFlightFactor, strength);
      unite(pod.takenShare, p, amounts.takenShare, strength);
    }
  }

  #addWays(
    impairment: Impairment,
    places: Places,
    { strength, calls }: { strength: number; calls: Offers },
  ): void {
    const { amounts, cause } = impairment;
    const way = wayOf(impairment, strength, this.#offeredTo(places, calls));
    if (way === null) return;
    for (const at of places.into) {
      addWay(this.into, at, way);
      this.intoCause[at % this.#index.pods.length] = cause;
    }
    for (const p of places.pods) add(this.clockOffsetMs, p, amounts.offsetMs, strength);
    for (const p of places.outOf) {
      addWay(this.outOf, p, way);
      this.outOfCause[p] = cause;
    }
    for (const l of places.links) {
      addWay(this.link, l, way);
      if (way.refusedShare + way.cutShare + (amounts.delayMs ?? 0) > 0) this.linkCause[l] = cause;
    }
  }

  #addCalls({ amounts }: Impairment, { links }: Places, strength: number): void {
    const { calls } = this.#graph;
    for (const l of links) {
      if (l >= calls.length) {
        add(this.hostilePerSec, l - calls.length, amounts.hostilePerSec, strength / links.length);
        continue;
      }
      const usual = (calls[l] as GraphCall).spec.count;
      const misses = (amounts.missShare ?? 0) * strength;
      // A call made for a share of requests is the way around a cache.
      this.count[l] = (this.count[l] as number) + Math.max(0, 1 - usual) * misses;
      const further = Math.round((amounts.extraRetries ?? 0) * strength);
      this.extraRetries[l] = (this.extraRetries[l] as number) + further;
      if (amounts.timeoutMs !== undefined) this.timeoutMs[l] = amounts.timeoutMs;
    }
  }

  /** Attempts per second at the pods whose ways are narrow. */
  #offeredTo({ pods }: Places, { offered }: Offers): number {
    const { podService, endpoints } = this.#index;
    let sum = 0;
    for (const p of pods) {
      const s = podService[p] as number;
      const count = s < 0 ? 0 : sizeOf(endpoints, s);
      if (count > 0) sum += (offered[s] as number) / count;
    }
    return sum;
  }
}
