import type { ServiceSpec } from '../../core/truth/index.ts';
import { admit } from './admission.ts';
import { findLikePods, takeOverAdmission, takeOverService } from './like-pods.ts';
import { setOwnTimes } from './own-times.ts';
import { resetProcess } from './pod-state.ts';
import { serve } from './serve.ts';
import { nodeCoresOf, type StationParts } from './station-parts.ts';
import { coldPart, servingMs } from './warming-up.ts';

/** Garbage collection starts to cost CPU above this share of the memory limit … */
const memoryPressureFrom = 0.85;
/** … and multiplies demand by 1 + this at the limit. */
const memoryPressureCost = 2;

/** Resets pods whose process changed, before traffic is spread. */
export function followProcesses(parts: StationParts): void {
  const { part, index, reachable, state, counters } = parts;
  for (let k = 0; k < part.pods.length; k += 1) {
    const p = part.pods[k] as number;
    const startedUs = reachable.alive[p] ? (index.startedUs[p] as number) : Number.NaN;
    const known = state.pod.startedUs[p] as number;
    if (Object.is(startedUs, known)) continue;
    const fromSlot = index.firstSlot[p] as number;
    const untilSlot = index.firstSlot[p + 1] as number;
    for (let i = fromSlot; i < untilSlot; i += 1) counters.lost += state.slot.backlog[i] as number;
    resetProcess(state, { pod: p, fromSlot, untilSlot, startedUs });
  }
}

/**
 * Plays one second of every pod's CPU: admission, service, backlog, and the own part of response
 * times.
 */
export function playStations(parts: StationParts, atMs: number): void {
  const { part, index, reachable, nodeDemand, state } = parts;
  for (let k = 0; k < part.pods.length; k += 1) {
    const p = part.pods[k] as number;
    if (!reachable.alive[p] || (index.podService[p] as number) < 0) continue;
    setDemandFactor(parts, p, atMs);
  }
  findLikePods(parts);
  for (let k = 0; k < part.pods.length; k += 1) {
    const p = part.pods[k] as number;
    if (!reachable.alive[p] || (index.podService[p] as number) < 0) continue;
    if (!takeOverAdmission(parts, p)) state.pod.wantedCores[p] = admit(parts, p);
  }
  addUpNodes(parts);
  for (let k = 0; k < part.pods.length; k += 1) {
    const p = part.pods[k] as number;
    if (!reachable.alive[p] || (index.podService[p] as number) < 0) {
      state.pod.cpuCores[p] = 0;
      state.pod.throttledRatio[p] = 0;
      state.pod.backlogWaitMs[p] = 0;
      continue;
    }
    const node = index.podNode[p] as number;
    const nodeCores = nodeCoresOf(parts, p);
    const wanted = nodeDemand[node] as number;
    const share = wanted > nodeCores ? nodeCores / wanted : 1;
    state.pod.capacityCores[p] = (index.cpuLimitCores[p] as number) * share;
    const takenCores = takeCores(parts, p);
    if (takeOverService(parts, p)) continue;
    serve(parts, p);
    setOwnTimes(parts, p);
    state.pod.cpuCores[p] = (state.pod.cpuCores[p] as number) + takenCores;
  }
}

/** What the pods of each node want, played now or before, and what is there beside them. */
function addUpNodes({ index, reachable, nodeDemand, state, impairs }: StationParts): void {
  const { podNode, podService } = index;
  const { wantedCores } = state.pod;
  if (impairs === null) nodeDemand.fill(0);
  else nodeDemand.set(impairs.nodeCores);
  for (let p = 0; p < podNode.length; p += 1) {
    if (!reachable.alive[p] || (podService[p] as number) < 0) continue;
    const node = podNode[p] as number;
    nodeDemand[node] = (nodeDemand[node] as number) + (wantedCores[p] as number);
  }
}

/**
 * Other threads in the pod, one per core they want, share its quota with the service's one thread.
 */
function takeCores({ impairs, state }: StationParts, p: number): number {
  const wanted = impairs === null ? 0 : (impairs.pod.cores[p] as number);
  if (wanted <= 0) return 0;
  const capacity = state.pod.capacityCores[p] as number;
  const taken = Math.min(wanted, (capacity * wanted) / (wanted + 1));
  state.pod.capacityCores[p] = capacity - taken;
  return taken;
}

/** How hard a runtime has to look for memory: from 0 well below the limit to 1 at it. */
export function memoryPressure(
  { index, state }: Pick<StationParts, 'index' | 'state'>,
  p: number,
): number {
  const limitBytes = index.memoryLimitBytes[p] as number;
  const used = limitBytes > 0 ? (state.pod.memoryBytes[p] as number) / limitBytes : 0;
  if (used <= memoryPressureFrom) return 0;
  return Math.min(1, (used - memoryPressureFrom) / (1 - memoryPressureFrom));
}

/** CPU per request relative to the spec: cold process, release, garbage collection. */
function setDemandFactor(parts: StationParts, p: number, atMs: number): void {
  const { graph, index, conditions, state } = parts;
  const service = graph.services[index.podService[p] as number] as ServiceSpec;
  const traits = conditions.releaseTraits.get(index.podRelease[p] as string);
  const ageMs = servingMs(service, state.pod.startedUs[p] as number, atMs);
  let factor = traits?.cpuFactor ?? 1;
  factor *= 1 + coldPart(service, ageMs, parts.seconds);
  const pressure = memoryPressure(parts, p);
  factor *= 1 + memoryPressureCost * pressure * pressure;
  state.pod.demandFactor[p] = factor;
  state.pod.addedErrorRatio[p] = traits?.errorRatio ?? 0;
  state.pod.leakBytes[p] = ((traits?.leakBytesPerSec ?? 0) * ageMs) / 1000;
}
