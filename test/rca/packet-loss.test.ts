import { describe, expect, it } from 'vitest';
import { findPacketLoss, type PacketLoss } from '../../rca/packet-loss.ts';
import { ShiftReader } from '../../rca/shifts.ts';
import { windowsOf } from '../../rca/windows.ts';
import { buildEvidence } from './evidence-builder.ts';

function lossesWith(
  packetLoss: Readonly<Record<string, number>>,
  startMs = 560_000,
): {
  readonly zones: ReadonlyMap<string, PacketLoss>;
  readonly nodes: ReadonlyMap<string, PacketLoss>;
} {
  const evidence = buildEvidence({ happening: { startMs, packetLoss } });
  const windows = windowsOf(evidence);
  return findPacketLoss(evidence, windows, new ShiftReader(evidence.metrics, windows));
}

describe('packet loss', () => {
  it('accuses the node that drops, and tells how much', () => {
    const { nodes, zones } = lossesWith({ 'zone-a-n1': 0.2 });
    expect(nodes.get('zone-a-n1')?.value).toBeGreaterThan(0.9);
    expect(nodes.get('zone-a-n1')?.reason).toMatch(/up to (1[89]|2[0-3]) % of the packets/);
    for (const [name, { value }] of nodes) if (name !== 'zone-a-n1') expect(value).toBe(0);
    for (const { value } of zones.values()) expect(value).toBeLessThan(0.1);
  });

  it('accuses a zone instead of its nodes where all of them drop', () => {
    const { nodes, zones } = lossesWith({ 'zone-b-n1': 0.2, 'zone-b-n2': 0.2 });
    expect(zones.get('zone-b')?.value).toBeGreaterThan(0.9);
    for (const { value } of nodes.values()) expect(value).toBeLessThan(0.1);
  });

  it('believes two scrapes, not one', () => {
    const valueFrom = (startMs: number) =>
      lossesWith({ 'zone-a-n1': 0.2 }, startMs).nodes.get('zone-a-n1')?.value;
    expect(valueFrom(590_000)).toBe(0);
    expect(valueFrom(575_000)).toBeGreaterThan(0.9);
  });

  it('grows with the share, and what TCP hides accuses nobody', () => {
    const valueAt = (share: number) =>
      lossesWith({ 'zone-a-n1': share }).nodes.get('zone-a-n1')?.value ?? Number.NaN;
    expect(valueAt(0.001)).toBe(0);
    expect(valueAt(0.02)).toBeGreaterThan(0.1);
    expect(valueAt(0.04)).toBeGreaterThan(valueAt(0.02));
  });

  it('accuses nobody of what all nodes drop alike', () => {
    const everywhere = ['a', 'b', 'c'].flatMap((zone) =>
      [1, 2].map((node) => [`zone-${zone}-n${node}`, 0.1]),
    );
    const { zones, nodes } = lossesWith(Object.fromEntries(everywhere));
    const all = [...zones.values(), ...nodes.values()];
    for (const { value } of all) expect(value).toBeLessThan(0.1);
  });
});
