import { describe, expect, it } from 'vitest';
import { actionKinds, type Evidence, MetricHistory } from '../../core/observable/index.ts';
import { UsageError } from '../../core/tools/index.ts';
import { createLocalizer, localizerNames } from '../../rca/index.ts';
import { buildEvidence, createRelease } from '../rca/evidence-builder.ts';
import { topology } from '../rca/small-shop-plan.ts';

const startMs = 560_000;
const cases: readonly { readonly name: string; readonly evidence: () => Evidence }[] = [
  {
    name: 'errors after a release',
    evidence: () =>
      buildEvidence({
        changes: [createRelease('checkout', 540_000)],
        happening: {
          startMs,
          errorRatio: { checkout: 0.3 },
          logs: [{ service: 'checkout', body: 'NullPointerException' }],
        },
      }),
  },
  {
    name: 'a lost zone',
    evidence: () =>
      buildEvidence({ happening: { startMs, lostNodes: ['zone-a-n1', 'zone-a-n2'] } }),
  },
  {
    name: 'a slow data store',
    evidence: () => buildEvidence({ happening: { startMs, pathDelayMs: { 'redis-cart': 400 } } }),
  },
  { name: 'ordinary times', evidence: () => buildEvidence() },
];

function emptyEvidence(): Evidence {
  const { incident } = buildEvidence({ firstFrameMs: 600_000, tracesPerScrape: 0 });
  return {
    atMs: 600_000,
    incident: { ...incident, anomalies: [], components: [], summary: [] },
    topology,
    pods: [],
    metrics: new MetricHistory(),
    logs: [],
    spans: [],
    events: [],
    changes: [],
  };
}

function snapshot(evidence: Evidence): string {
  const frames = evidence.metrics.frames.map(({ atMs, values }) => [atMs, ...values]);
  return JSON.stringify({ ...evidence, metrics: frames });
}

describe.each(localizerNames)('localizer %s', (name) => {
  const localizer = createLocalizer(name);

  it('carries its name', () => {
    expect(localizer.name).toBe(name);
  });

  it('has no opinion on empty evidence', () => {
    expect(localizer.rank(emptyEvidence())).toEqual([]);
  });

  it('survives evidence of the present alone', () => {
    const evidence = buildEvidence({ firstFrameMs: 590_000 });
    expect(() => localizer.rank(evidence)).not.toThrow();
  });

  for (const { name: caseName, evidence: build } of cases) {
    it(`is pure, sorted and well-formed on ${caseName}`, () => {
      const evidence = build();
      const before = snapshot(evidence);
      const first = localizer.rank(evidence);
      expect(localizer.rank(evidence)).toEqual(first);
      expect(localizer.rank(build())).toEqual(first);
      expect(snapshot(evidence)).toBe(before);
      const sorted = [...first].sort(
        (a, b) => b.weight - a.weight || (a.component < b.component ? -1 : 1),
      );
      expect(first).toEqual(sorted);
      expect(new Set(first.map(({ component }) => component)).size).toBe(first.length);
      for (const { weight, why, suggestedActions } of first) {
        expect(weight).toBeGreaterThan(0);
        expect(weight).toBeLessThanOrEqual(1);
        expect(why).not.toBe('');
        for (const action of suggestedActions) {
          expect(actionKinds).toContain(action.kind);
          expect(action.target).toMatch(/^(?:[^/]+\/[^/]+\/[^/]+|node\/[^/]+|zone\/[^/]+)$/);
        }
      }
    });
  }

  it('copes with gaps in every series', () => {
    const evidence = buildEvidence({ happening: { startMs, errorRatio: { cart: 0.3 } } });
    const metrics = new MetricHistory();
    evidence.metrics.frames.forEach((frame, i) => {
      const values = frame.values.map((value, column) => ((i + column) % 3 ? value : Number.NaN));
      metrics.append({ ...frame, values });
    });
    for (const { weight } of localizer.rank({ ...evidence, metrics })) {
      expect(weight).toBeGreaterThan(0);
    }
  });
});

describe('createLocalizer', () => {
  it('lists the known names when asked for another', () => {
    expect(localizerNames[0]).toBe('combined');
    expect(() => createLocalizer('oracle')).toThrow(UsageError);
    try {
      createLocalizer('oracle');
    } catch (error) {
      expect((error as UsageError).message).toBe('unknown localizer "oracle"');
      for (const name of localizerNames) expect((error as UsageError).hint).toContain(name);
    }
  });
});
