import { describe, expect, it } from 'vitest';
import type { TwinSpec } from '../../../core/truth/index.ts';
import { calibrate, compareTopologies } from '../../../lab/index.ts';
import { exportMetricsCsv, exportOpenMetrics, exportTracesOtlp } from '../../../reports/index.ts';
import { describeTopology, loadTopology, renderCluster } from '../../../scenarios/index.ts';
import { createTwin } from '../../../sim/index.ts';

const hourMs = 3_600_000;

interface Recording {
  readonly topology: string;
  /** Hours of metrics, with this many traces a scrape. */
  readonly hours: number;
  readonly traces: number;
  readonly metrics: typeof exportOpenMetrics;
}

/** Everyday happenings change the very parameters that are to be recovered, so there are none. */
function quiet(name: string): TwinSpec {
  const spec = loadTopology(name);
  return { ...spec, workload: { ...spec.workload, happeningsPerHour: 0 } };
}

function* linesOf(texts: Iterable<string>): Generator<string> {
  for (const text of texts) yield* text.split('\n');
}

/** What calibration reads of the twin's metrics, as one would ask Prometheus for it. */
const wanted = /(?:^|,)(?:time|user_request_rate|request_rate|edge_request_rate|cpu_|memory_)/;

function* wantedOf(lines: Iterable<string>): Generator<string> {
  for (const line of lines) if (wanted.test(line)) yield line;
}

async function roundTrip(
  spec: TwinSpec,
  { hours, traces, metrics }: Recording,
): Promise<ReturnType<typeof compareTopologies>> {
  const topology = describeTopology(spec);
  const twin = createTwin({
    spec,
    topology,
    seed: 3,
    startMs: -600_000,
    telemetry: true,
    tracesPerScrape: traces,
  });
  await twin.advance(0);
  const { frames, spans } = await twin.advance(hours * hourMs);
  const inputs = {
    name: spec.name,
    traces: { file: 'traces', lines: linesOf(exportTracesOtlp(spans, topology)) },
    metrics: { file: 'metrics', lines: wantedOf(linesOf(metrics(frames))) },
    manifests: [{ path: 'cluster.yaml', text: renderCluster(spec) }],
  };
  const { fitted } = await calibrate(inputs, { seed: 4, onProgress: () => undefined });
  return compareTopologies(fitted.spec, spec);
}

/** Calls rarer than this are not among the traces often enough to be counted. */
const rareCall = 0.005;
/**
 * Waiting is what CPU and queueing leave of own times, a difference, with their errors together.
 */
const limits = { usual: 0.1, waiting: 0.2 } as const;

async function expectRecovered(recording: Recording): Promise<void> {
  const spec = quiet(recording.topology);
  const rows = await roundTrip(spec, recording);
  for (const what of ['cpu ms/request', 'cpu + wait ms/request', 'memory base'] as const) {
    expect(rows.filter((row) => row.what === what)).toHaveLength(spec.services.length);
  }
  expect(rows.filter(({ what }) => what === 'calls/request')).toHaveLength(
    describeTopology(spec).calls.length,
  );
  const isOff = ({ what, truth, error }: (typeof rows)[number]): boolean => {
    if (what === 'calls/request' && truth < rareCall) return false;
    return Math.abs(error) > (what === 'wait ms/request' ? limits.waiting : limits.usual);
  };
  expect(rows.filter(isOff)).toEqual([]);
}

describe('a run of the twin, through files and back', () => {
  it('gives back every service, edge and journey of online_boutique', async () => {
    const metrics = exportOpenMetrics;
    await expectRecovered({ topology: 'online_boutique', hours: 6, traces: 6, metrics });
  });

  it.skipIf(!process.env.FIREDRILL_FULL)(
    'and of social_network (needs FIREDRILL_FULL)',
    async () => {
      const metrics = exportMetricsCsv;
      await expectRecovered({ topology: 'social_network', hours: 24, traces: 5, metrics });
    },
    600_000,
  );
});
