import { beforeAll, describe, expect, it } from 'vitest';
import type { SeriesDescriptor, Telemetry } from '../../../core/observable/index.ts';
import type { Fault } from '../../../core/truth/index.ts';
import type { Twin } from '../../../sim/index.ts';
import { PacketDrops } from '../../../sim/telemetry/packet-drops.ts';
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

  it('of a zone are those that cross its border, two thirds of what its cards would lose', async () => {
    const packetLoss = 0.05;
    const zone = 'us-east-1b';
    const link = await dropsWith({
      target: `zone/${zone}`,
      parameters: { cause: 'lossy_link', packetLoss },
    });
    const inZone = (drops: Map<string, number>, prefix: string): number =>
      [...drops].reduce((sum, [node, n]) => sum + (node.startsWith(prefix) ? n : 0), 0);
    let cards = 0;
    for (const node of ['node-b1', 'node-b2', 'node-b3']) {
      const parameters = { cause: 'failing_card', packetLoss };
      cards += (await dropsWith({ target: `node/${node}`, parameters })).get(node) ?? 0;
    }
    expect(inZone(link, 'node-b') / cards).toBeGreaterThan(0.6);
    expect(inZone(link, 'node-b') / cards).toBeLessThan(0.73);
    expect(inZone(link, 'node-a')).toBeLessThan(5);
  });

  it('count calls that a node makes, beside requests that it serves', async () => {
    const packetLoss = 0.05;
    const cards = new Map<string, number>();
    for (const node of healthy.keys()) {
      const parameters = { cause: 'failing_card', packetLoss };
      cards.set(node, (await dropsWith({ target: `node/${node}`, parameters })).get(node) ?? 0);
    }
    const link = await dropsWith({
      target: 'edge/frontend->productcatalogservice',
      parameters: { cause: 'lossy_link', packetLoss },
    });
    for (const [node, drops] of link) {
      if (drops > 5) expect(cards.get(node)).toBeGreaterThan(drops);
    }
  });

  it('count for the seconds of the window in which the loss was there', async () => {
    const at = async (startMs: number): Promise<number> => {
      const fork = twin.fork({ faults: 'keep', telemetry: true });
      const parameters = { cause: 'failing_card', packetLoss: 0.3 };
      fork.schedule([
        faultOf({ kind: 'network_impairment', target: 'node/node-a2', startMs, parameters }),
      ]);
      return dropsOf(await fork.advance(15_000)).get('node-a2') ?? 0;
    };
    const ratio = (await at(10_000)) / (await at(0));
    expect(ratio).toBeGreaterThan(0.25);
    expect(ratio).toBeLessThan(0.45);
  });

  it('come in bursts once an hour or so', () => {
    const drops = new PacketDrops(3);
    const scrapes = 24 * 240;
    let bursts = 0;
    for (let number = 0; number < scrapes; number += 1) {
      if (drops.usual(77, { number, seconds: 15 }) > drops.usual(77, { number: 0, seconds: 15 })) {
        bursts += 1;
      }
    }
    expect(bursts).toBeGreaterThan(12);
    expect(bursts).toBeLessThan(40);
  });
});
