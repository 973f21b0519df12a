/** The shipped topology as a twin that has started up, and what two runs of it are compared by. */
import type { Telemetry } from '../../core/observable/index.ts';
import { RunningDigest } from '../../core/tools/index.ts';
import type { Fault, TwinSpec } from '../../core/truth/index.ts';
import { describeTopology, loadTopology } from '../../scenarios/index.ts';
import { createTwin, type Twin } from '../../sim/index.ts';

const shipped = loadTopology('online_boutique', {});

/** Without everyday happenings: a test looks at one thing at a time. */
export const boutique: TwinSpec = {
  ...shipped,
  workload: { ...shipped.workload, happeningsPerHour: 0 },
};

const warmUpMs = 600_000;

/** A twin at time 0, ten minutes after its boot. */
export async function warmTwin(
  options: { seed?: number; telemetry?: boolean } = {},
): Promise<Twin> {
  const { seed = 11, telemetry = true } = options;
  const topology = describeTopology(boutique);
  const twin = createTwin({ spec: boutique, topology, seed, startMs: -warmUpMs, telemetry });
  await twin.advance(0);
  return twin;
}

/** A network partition of zone us-east-1a from minute 1 on, unless told otherwise. */
export function faultOf(changes: Partial<Fault>): Fault {
  return {
    kind: 'network_partition',
    target: 'zone/us-east-1a',
    startMs: 60_000,
    durationMs: null,
    parameters: {},
    faultClass: 'unknown',
    ...changes,
  };
}

/** SHA-256 over everything observable, whatever pieces it comes in. */
export function digestOfTelemetry(parts: readonly Telemetry[]): string {
  const digest = new RunningDigest();
  for (const frame of parts.flatMap((part) => part.frames)) {
    digest.addText(`${frame.atMs}`);
    digest.addValues(frame.values);
  }
  for (const name of ['logs', 'spans', 'events', 'changes'] as const) {
    for (const part of parts) for (const item of part[name]) digest.addText(JSON.stringify(item));
  }
  digest.addText(JSON.stringify(parts.at(-1)?.frames.at(-1)?.index.series ?? []));
  return digest.hex();
}

/** Good requests per offered one over (fromMs, untilMs], all journeys together. */
export function goodRatio({ truth }: Twin, fromMs: number, untilMs: number): number {
  let good = 0;
  let offered = 0;
  for (const tick of truth.user) {
    if (tick.atMs <= fromMs || tick.atMs > untilMs) continue;
    for (const count of tick.good) good += count;
    for (const count of tick.offered) offered += count;
  }
  return good / offered;
}
