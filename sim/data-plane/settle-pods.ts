import type { ServiceSpec } from '../../core/truth/index.ts';
import type { CallParts } from './call-state.ts';

/** After responses are known: requests in flight by Little's law, and memory. */
export function settlePods(parts: CallParts): void {
  const { part, graph, index, reachable, state, impairs, likePods } = parts;
  for (let k = 0; k < part.pods.length; k += 1) {
    const p = part.pods[k] as number;
    const service = graph.services[index.podService[p] as number] as ServiceSpec | undefined;
    let inFlight = 0;
    const like = likePods[p] as number;
    if (like >= 0) inFlight = state.pod.inFlight[like] as number;
    else if (reachable.alive[p]) {
      for (let i = index.firstSlot[p] as number; i < (index.firstSlot[p + 1] as number); i += 1) {
        const ms = (state.slot.ownMs[i] as number) + (state.slot.callMs[i] as number);
        inFlight += ((state.slot.served[i] as number) * ms) / 1000;
      }
    }
    state.pod.inFlight[p] = inFlight;
    const factor = impairs === null ? 1 : (impairs.pod.inFlightFactor[p] as number);
    const takenBytes = impairs === null ? 0 : (impairs.pod.bytes[p] as number);
    state.pod.memoryBytes[p] =
      service && index.isRunning[p] === 1
        ? service.memory.baseBytes +
          inFlight * service.memory.perInFlightBytes * factor +
          (reachable.alive[p] ? (state.pod.leakBytes[p] as number) + takenBytes : 0)
        : 0;
  }
}
