import { describe, expect, it } from 'vitest';
import { findMemoryTrouble } from '../../rca/memory-growth.ts';
import { buildEvidence } from './evidence-builder.ts';

const growthOf = (leakPerMinute: number, startMs: number) =>
  findMemoryTrouble(
    buildEvidence({ happening: { startMs, leakPerMinute: { cart: leakPerMinute } } }),
  ).get('cart')?.growth ?? 0;

describe('findMemoryTrouble', () => {
  it('sees a steady climb, fast or slow, and no climb in noise', () => {
    expect(growthOf(0.1, 400_000)).toBeGreaterThan(0.8);
    expect(growthOf(0.03, 0)).toBeGreaterThan(0.7);
    expect(growthOf(0, 0)).toBeLessThan(0.1);
  });

  it('counts restarts and out-of-memory kills of the service alone', () => {
    const evidence = buildEvidence({ happening: { startMs: 500_000, outOfMemory: ['cart'] } });
    const troubles = findMemoryTrouble(evidence);
    expect(troubles.get('cart')).toMatchObject({ restarts: 3, outOfMemory: true });
    expect(troubles.get('payment')).toMatchObject({ restarts: 0, outOfMemory: false });
  });
});
