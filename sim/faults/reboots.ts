import type { Conditions } from '../conditions.ts';

/** Lets nodes come back whose restart is over; true when one does. */
export function endReboots({ rebootingNodes }: Conditions, nowMs: number): boolean {
  let ended = false;
  for (const [node, backMs] of rebootingNodes) {
    if (backMs > nowMs) continue;
    rebootingNodes.delete(node);
    ended = true;
  }
  return ended;
}
