import type { PodView } from '../cluster-view.ts';
import type { FlowWindow, PodFlow } from '../data-plane/flow-state.ts';

/** The flow of a view's pod number `i`; windows mostly number their pods as views do. */
export function flowAt(window: FlowWindow, i: number, pod: PodView): PodFlow | undefined {
  const flow = window.pods[i];
  return flow?.pod === pod ? flow : window.flowOf(pod.uid);
}
