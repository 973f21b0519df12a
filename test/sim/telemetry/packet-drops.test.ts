import { beforeAll, describe, expect, it } from 'vitest';
import type { SeriesDescriptor, Telemetry } from '../../../core/observable/index.ts';
import type { Fault } from '../../../core/truth/index.ts';
import type { Twin } from '../../../sim/index.ts';
import { faultOf, warmTwin } from '../boutique.ts';

/** What each node dropped per second, on average over the frames. */
function dropsOf({ frames }: Telemetry): Map<string, number> {
  const means = new Map<string, number>();
  const series = frames[0]?.index.series ?? [];
  series.forEach(({ signal, labels }: SeriesDescriptor, column) => {
    if (signal !== 'node_packet_drops') return;
    const sum = frames.reduce((total, { values }) => total + (values[column] as number), 0);
    means.set(labels.node as string, sum / frames.length);
  });
  return means;
}

describe('packets that nodes drop', () => {
  let twin: Twin;
  let healthy: Map<string, number>;
  beforeAll(async () => {
    twin = await warmTwin();
    healthy = dropsOf(await twin.fork({ faults: 'keep', telemetry: true }).advance(600_000));
  });

  async function dropsWith(fault: Partial<Fault>): Promise<Map<string, number>> {
    const fork = twin.fork({ faults: 'keep', telemetry: true });
    fork.schedule([faultOf({ kind: 'network_impairment', startMs: 0, ...fault })]);
    return dropsOf(await fork.advance(60_000));
  }

  it('are few in good health, and not none', () => {
    expect(healthy.size).toBe(9);
    const all = [...healthy.values()];
    expect(Math.max(...all)).toBeLessThan(1);
    expect(Math.min(...all)).toBeGreaterThan(0);
  });

  it('are many where a card fails, in step with its loss, and nowhere else', async () => {
    const target = 'node/node-a2';
    const at = (packetLoss: number) =>
      dropsWith({ target, parameters: { cause: 'failing_card', packetLoss } });
    const [light, heavy] = [await at(0.01), await at(0.1)];
    const [few, many] = [light.get('node-a2') ?? 0, heavy.get('node-a2') ?? 0];
    expect(few).toBeGreaterThan(20 * (healthy.get('node-a2') ?? 0));
    // Lost at 10 % and at 1 %, each resent as often as it is lost again.
    expect(many / few).toBeGreaterThan(0.85 * (0.1 / 0.9 / (0.01 / 0.99)));
    expect(many / few).toBeLessThan(1.15 * (0.1 / 0.9 / (0.01 / 0.99)));
    for (const [node, drops] of heavy) if (node !== 'node-a2') expect(drops).toBeLessThan(5);
  });

  it('of a lossy link between two services are dropped where the caller runs', async () => {
    const lossy = await dropsWith({
      target: 'edge/frontend->productcatalogservice',
      parameters: { cause: 'lossy_link', packetLoss: 0.05 },
    });
    const view = await twin.cluster.list('Pod', { namespace: 'default' });
    const pods = view.ok ? view.object : [];
    const callers = new Set(
      pods.flatMap(({ metadata, spec }) =>
        metadata?.name?.startsWith('frontend-') ? [spec?.nodeName] : [],
      ),
    );
    expect(callers.size).toBeGreaterThan(0);
    for (const [node, drops] of lossy) {
      if (callers.has(node)) expect(drops).toBeGreaterThan(5);
      else expect(drops).toBeLessThan(5);
    }
  });

  it('of a zone are those that cross its border', async () => {
    const parameters = { cause: 'lossy_link', packetLoss: 0.05 };
    const lossy = await dropsWith({ target: 'zone/us-east-1b', parameters });
    for (const [node, drops] of lossy) {
      if (node.startsWith('node-b')) expect(drops).toBeGreaterThan(2);
      else expect(drops).toBeLessThan(2);
    }
  });
});
