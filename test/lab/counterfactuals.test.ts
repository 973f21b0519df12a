import { beforeAll, describe, expect, it } from 'vitest';
import { demandOf, lostRequests, type RunRecord, type Scorecard } from '../../core/truth/index.ts';
import { runTrial, type TrialRequest } from '../../lab/index.ts';
import { requestFor, writeScenario } from '../determinism/trials.ts';

const scenario = writeScenario({
  id: 'bad_release_short',
  faults: `[ { kind: release, target: service/productcatalogservice, start: 241s,
    faultClass: bad_release, parameters: { tag: v0.10.3, errorRatio: 0.4 } } ]`,
});
/** Acts on the frontend once, long before the fault, whatever happens. */
const eager = (action: string): Partial<TrialRequest> => ({
  policy: {
    file: 'eager',
    text: `apiVersion: v1
kind: ConfigMap
metadata: { name: eager }
data:
  policies.yaml: |
    policies:
      - name: act
        condition: cpu_utilization > 1
        target: deployment/frontend
        action: ${action}
        cooldown: 1h
`,
  },
});
const play = async (
  changes: Partial<TrialRequest>,
): Promise<{ record: RunRecord; scorecard: Scorecard }> =>
  runTrial(requestFor(scenario, changes), { clockMs: () => 0 });

describe('what a run is compared with', () => {
  let idle: RunRecord;
  let idleCard: Scorecard;
  beforeAll(async () => {
    ({ record: idle, scorecard: idleCard } = await play({ healer: 'none', oracle: true }));
  });

  it('was never touched by a healer, even one that acts before the fault', async () => {
    const { record } = await play(eager('{ type: scale_up, factor: 2 }'));
    const { injectedAtMs } = record.truth;
    const early = record.events.filter(
      (event) => event.type === 'acted' && event.atMs < (injectedAtMs as number),
    );
    expect(early.length).toBeGreaterThan(0);
    expect(record.sli.healed).not.toEqual(idle.sli.healed);
    expect(record.sli.unhealed).toEqual(idle.sli.unhealed);
    expect(record.sli.noFault).toEqual(idle.sli.noFault);
    expect(record.truth).toEqual(idle.truth);
    expect(record.harmfulAtMs).toEqual([]);
  });

  it('shows an action that does harm', async () => {
    const { record, scorecard } = await play(eager('{ type: rate_limit, limit_rps: 1 }'));
    const acted = record.events.filter((event) => event.type === 'acted');
    expect(acted.map(({ outcome }) => outcome.outcome)).toEqual(['done']);
    expect(record.harmfulAtMs).toEqual(acted.map(({ atMs }) => atMs));
    expect(scorecard.healing.harmfulActions).toBe(1);
    expect(scorecard.resilience.passed).toBe(false);
  });

  it('is the run itself when nobody acts', () => {
    expect(idle.sli.healed).toEqual(idle.sli.unhealed);
    expect(idle.sli.noFault).not.toEqual(idle.sli.unhealed);
  });

  it('is at best the oracle, which loses what is lost before it can act and saves the most', () => {
    const { sli, truth, oracle, durationMs } = idle;
    const onsetMs = truth.onsetMs as number;
    const lostUntil = (untilMs: number): number =>
      lostRequests(sli.unhealed, demandOf(sli), { fromMs: onsetMs, untilMs });
    const lost = oracle?.lostRequests as number;
    const atOnceMs = Math.ceil(onsetMs / 15_000) * 15_000;
    expect(oracle?.plan).toMatch(/^rollback .*productcatalogservice/);
    expect(lost).toBeGreaterThanOrEqual(lostUntil(atOnceMs));
    expect(lost).toBeLessThan(0.5 * lostUntil(durationMs));
    expect(lostUntil(atOnceMs)).toBeGreaterThan(0.1 * lost);
    expect(idleCard.healing.regret).toBeCloseTo(0, 9);
  });
});
