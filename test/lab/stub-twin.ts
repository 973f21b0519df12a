/** A world in which users fare as told: enough of a twin for what only forks and counts. */
import type { Twin } from '../../sim/index.ts';

export interface StubWorld {
  /** Share of the 100 requests per second served well up to now, and from now on. */
  readonly past: number;
  readonly future: number;
  readonly deployments?: readonly { readonly ready: number; readonly wanted: number }[];
}

const pastSec = 60;

export function stubTwin({ past, future, deployments = [] }: StubWorld): Twin {
  const tick = (share: number): Twin['truth']['user'][number] => ({
    atMs: 0,
    offered: Float64Array.of(100),
    good: Float64Array.of(100 * share),
    latencyMsP95: Float64Array.of(50),
  });
  const user = Array.from({ length: pastSec }, () => tick(past));
  const twin = {
    nowMs: 0,
    truth: { journeys: ['browse'], services: [], startMs: -pastSec * 1000, user, service: [] },
    cluster: {
      list: async () => ({
        ok: true,
        object: deployments.map(({ ready, wanted }, i) => ({
          metadata: { name: `d${i}` },
          spec: { replicas: wanted },
          status: { readyReplicas: ready },
        })),
      }),
    },
    fork: () => stubTwin({ past, future, deployments }),
    advance: async (untilMs: number) => {
      for (; twin.nowMs < untilMs; twin.nowMs += 1000) user.push(tick(future));
    },
  };
  return twin as unknown as Twin;
}
