import { describe, expect, it } from 'vitest';
import { createLocalizer } from '../../rca/index.ts';
import { buildEvidence, createRelease } from './evidence-builder.ts';

const startMs = 560_000;
const top = (name: string, evidence: ReturnType<typeof buildEvidence>) =>
  createLocalizer(name).rank(evidence)[0]?.component;

describe('dependency_traversal', () => {
  it('follows abnormal callees to the deepest', () => {
    const evidence = buildEvidence({ happening: { startMs, ownDelayMs: { 'redis-cart': 300 } } });
    expect(top('dependency_traversal', evidence)).toBe('service/redis-cart');
  });

  it('stops at the caller when the callee itself is sound', () => {
    const evidence = buildEvidence({ happening: { startMs, pathDelayMs: { 'redis-cart': 300 } } });
    expect(top('dependency_traversal', evidence)).toBe('service/cart');
  });
});

describe('log_patterns', () => {
  it('accuses the peer, not the caller that reports', () => {
    const body = 'connection timeout: dial tcp redis-cart:6379: i/o timeout';
    const evidence = buildEvidence({ happening: { startMs, logs: [{ service: 'cart', body }] } });
    expect(top('log_patterns', evidence)).toBe('service/redis-cart');
  });

  it('is silent below three lines', () => {
    const body = 'connection refused';
    const evidence = buildEvidence({
      happening: { startMs: 580_000, logs: [{ service: 'cart', body }] },
    });
    expect(createLocalizer('log_patterns').rank(evidence)).toEqual([]);
  });
});

describe('slow_traces', () => {
  it('separates the way to a service from the service', () => {
    const slow = createLocalizer('slow_traces');
    const [path] = slow.rank(
      buildEvidence({ happening: { startMs, pathDelayMs: { payment: 300 } } }),
    );
    expect(path).toMatchObject({ component: 'service/payment', faultClass: 'network_latency' });
    const [own] = slow.rank(
      buildEvidence({ happening: { startMs, ownDelayMs: { payment: 300 } } }),
    );
    expect(own).toMatchObject({ component: 'service/payment', faultClass: 'dependency_failure' });
  });
});

describe('change_correlation', () => {
  it('prefers a release of an abnormal service over a later one elsewhere', () => {
    const changes = [createRelease('checkout', 300_000), createRelease('catalog', 570_000)];
    const evidence = buildEvidence({
      changes,
      happening: { startMs, errorRatio: { checkout: 0.2 } },
    });
    expect(top('change_correlation', evidence)).toBe('service/checkout');
  });

  it('takes neither installations nor reactions for causes', () => {
    const changes = [createRelease('checkout', -900_000), createRelease('cart', 640_000)];
    const evidence = buildEvidence({ changes, atMs: 645_000 });
    expect(createLocalizer('change_correlation').rank(evidence)).toEqual([]);
  });
});

describe('baselines', () => {
  it('loudest_service names what deviates most, without a graph', () => {
    const evidence = buildEvidence({ happening: { startMs, errorRatio: { payment: 0.3 } } });
    expect(createLocalizer('loudest_service').rank(evidence).length).toBeGreaterThan(1);
  });

  it('random guesses differ between incidents only', () => {
    const guess = (incidentId: string) =>
      createLocalizer('random')
        .rank(buildEvidence({ incidentId }))
        .map(({ component }) => component);
    expect(guess('incident-1')).toEqual(guess('incident-1'));
    expect(guess('incident-1')).not.toEqual(guess('incident-2'));
  });
});
