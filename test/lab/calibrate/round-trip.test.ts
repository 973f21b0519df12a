import { describe, expect, it } from 'vitest';
import type { TwinSpec } from '../../../core/truth/index.ts';
import { calibrate, compareTopologies } from '../../../lab/index.ts';
import { exportMetricsCsv, exportOpenMetrics, exportTracesOtlp } from '../../../reports/index.ts';
import { describeTopology, loadTopology, renderCluster } from '../../../scenarios/index.ts';
import { createTwin } from '../../../sim/index.ts';

const hourMs = 3_600_000;

/** Everyday happenings change the very parameters that are to be recovered, so there are none. */
function quiet(name: string): TwinSpec {
  const spec = loadTopology(name);
  return { ...spec, workload: { ...spec.workload, happeningsPerHour: 0 } };
}

function* linesOf(texts: Iterable<string>): Generator<string> {
  for (const text of texts) yield* text.split('\n');
}

async function roundTrip(
  spec: TwinSpec,
  metrics: typeof exportOpenMetrics,
): Promise<{ rows: ReturnType<typeof compareTopologies>; doubtOf: (service: string) => number }> {
  const topology = describeTopology(spec);
  const twin = createTwin({ spec, topology, seed: 3, startMs: -600_000, telemetry: true });
  await twin.advance(0);
  const { frames, spans } = await twin.advance(1.25 * hourMs);
  const inputs = {
    name: spec.name,
    traces: { file: 'traces', lines: linesOf(exportTracesOtlp(spans, topology)) },
    metrics: { file: 'metrics', lines: linesOf(metrics(frames)) },
    manifests: [{ path: 'cluster.yaml', text: renderCluster(spec) }],
  };
  const { fitted } = await calibrate(inputs, { seed: 4, onProgress: () => undefined });
  return {
    rows: compareTopologies(fitted.spec, spec),
    // Two standard errors of the CPU time, as the fit itself states them, relative.
    doubtOf: (service) => {
      const work = fitted.work.get(service);
      return (2 * (work?.cpuErrorMs ?? 0)) / (work?.meanCpuMs ?? 1);
    },
  };
}

/**
 * CPU that processes use without requests is not in a topology, and a steady load does not tell it
 * from work: pods of a tenth of a core may be off by the error that the fit states. Waiting is what
 * CPU and queueing leave of own times, a difference, with their errors together.
 */
const limits = { usual: 0.1, waiting: 0.2 } as const;

describe.each([
  ['online_boutique', exportOpenMetrics],
  ['social_network', exportMetricsCsv],
] as const)('a run of the twin on %s, through files and back', (name, metrics) => {
  it('gives back every service, edge and journey', async () => {
    const spec = quiet(name);
    const { rows, doubtOf } = await roundTrip(spec, metrics);
    for (const what of ['cpu ms/request', 'cpu + wait ms/request', 'memory base'] as const) {
      expect(rows.filter((row) => row.what === what)).toHaveLength(spec.services.length);
    }
    const edges = describeTopology(spec).calls.length;
    expect(rows.filter(({ what }) => what === 'calls/request')).toHaveLength(edges);
    const isOff = ({ what, where, error }: (typeof rows)[number]): boolean => {
      if (what.includes('wait')) return Math.abs(error) > limits.waiting;
      const doubt = what.startsWith('cpu') ? doubtOf(where) : 0;
      return Math.abs(error) > Math.max(limits.usual, doubt);
    };
    expect(rows.filter(isOff)).toEqual([]);
    const cpu = rows.filter(({ what }) => what === 'cpu ms/request');
    const within = cpu.filter(({ error }) => Math.abs(error) <= limits.usual);
    expect(within.length).toBeGreaterThanOrEqual(0.9 * cpu.length);
  }, 180_000);
});
