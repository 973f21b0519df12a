import { type StationParts, slotCpuMs } from './station-parts.ts';

/**
 * Serves backlog and arrivals alike as far as the CPU goes; what does not fit a slot is rejected.
 */
export function serve(parts: StationParts, p: number): void {
  const { index, state, counters } = parts;
  const { pod, slot } = state;
  const from = index.firstSlot[p] as number;
  const until = index.firstSlot[p + 1] as number;
  const admitted = pod.admitShare[p] as number;
  const factor = pod.demandFactor[p] as number;
  let workMs = 0;
  let before = 0;
  let arrivals = 0;
  for (let i = from; i < until; i += 1) {
    const letIn = (slot.arrivals[i] as number) * admitted;
    before += slot.backlog[i] as number;
    arrivals += slot.arrivals[i] as number;
    workMs += ((slot.backlog[i] as number) + letIn) * slotCpuMs(parts, i) * factor;
  }
  const budgetMs = (pod.capacityCores[p] as number) * 1000 * (1 - (pod.idleShare[p] as number));
  const servedShare = workMs > budgetMs ? budgetMs / workMs : 1;
  const waiting = (before + arrivals * admitted) * (1 - servedShare);
  const room = pod.backlogMax[p] as number;
  const excess = Math.min(Math.max(0, waiting - room), arrivals * admitted);
  const keptShare = waiting > 0 ? 1 - excess / waiting : 1;
  let servedTotal = 0;
  for (let i = from; i < until; i += 1) {
    const arrived = slot.arrivals[i] as number;
    const present = (slot.backlog[i] as number) + arrived * admitted;
    const left = present * (1 - servedShare);
    slot.served[i] = present * servedShare;
    slot.backlog[i] = left * keptShare;
    slot.rejected[i] = arrived * (1 - admitted) + left * (1 - keptShare);
    servedTotal += slot.served[i] as number;
    counters.rejected += slot.rejected[i] as number;
  }
  counters.arrived += arrivals;
  pod.servedShare[p] = servedShare;
  pod.rejectShare[p] = arrivals > 0 ? 1 - admitted + excess / arrivals : 0;
  pod.cpuCores[p] = Math.min(workMs, budgetMs) / 1000;
  const after = waiting * keptShare;
  const perSec = Math.max(servedTotal, 1e-9);
  pod.backlogWaitMs[p] = before + after > 0 ? (500 * (before + after)) / perSec : 0;
  const change = (1000 * (after - before)) / perSec;
  pod.backlogVarianceMs2[p] = (change * change) / 12;
}
