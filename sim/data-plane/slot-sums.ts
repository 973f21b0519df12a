import type { CallGraph } from './call-graph.ts';
import type { OwnSums } from './own-sums.ts';
import type { TopologyIndex } from './topology-index.ts';

/** What a closed window keeps of its slots, until the next one closes. */
export interface SlotSums {
  readonly graph: CallGraph;
  readonly index: TopologyIndex;
  readonly sums: OwnSums;
  readonly seconds: number;
  /** The next window has closed, and its sums stand where these stood. */
  isOver: boolean;
}
