import { describe, expect, it } from 'vitest';
import type {
  Action,
  ActionOutcome,
  Healer,
  HealerContext,
  Plan,
} from '../../core/observable/index.ts';
import { createPolicyHealer, parsePolicies, readShippedPolicies } from '../../healers/index.ts';
import {
  configMap,
  contextAt,
  diagnosisOf,
  incidentOn,
  placementOf,
  type Series,
} from './context.ts';

const policies = readShippedPolicies('default');

function healerFor(rules: string): Healer {
  return createPolicyHealer(parsePolicies(configMap(rules), 'test.yaml'));
}

function stepsOf(plans: readonly Plan[]): string[] {
  return plans.flatMap((plan) => plan.steps.map(({ kind, target }) => `${kind} ${target}`));
}

/** Tells the healer that its plans were played. */
function play(
  healer: Healer,
  plans: readonly Plan[],
  outcome: ActionOutcome['outcome'] = 'done',
): void {
  for (const { atMs, steps } of plans) {
    for (const action of steps)
      healer.observe({ atMs, action, outcome, detail: '', before: {}, after: {} });
  }
}

function zoneContext(atMs: number): HealerContext {
  return contextAt(atMs, {
    incidents: [incidentOn('service/web')],
    diagnoses: [diagnosisOf([['zone/zone-b', 'zone_outage', 0.9]])],
  });
}

describe('rules that follow the diagnosis', () => {
  it('cordon every node of a lost zone before the first is drained, and then nothing else', () => {
    const healer = createPolicyHealer(policies);
    const plans = healer.decide(zoneContext(60_000));
    expect(stepsOf(plans)).toEqual([
      'cordon node/b1',
      'cordon node/b2',
      'cordon node/b3',
      'drain node/b1',
      'drain node/b2',
      'drain node/b3',
    ]);
    expect(plans[0]).toMatchObject({
      rule: 'empty-lost-zone',
      incidentId: 'incident-1',
      atMs: 60_000,
    });
    expect(plans[0]?.reason).toBe('diagnosis zone_outage of zone/zone-b (weight 0.90)');
    play(healer, plans);
    for (let atMs = 75_000; atMs < 1_800_000; atMs += 60_000) {
      expect(healer.decide(zoneContext(atMs))).toEqual([]);
    }
  });

  it('ask again for drains that a budget holds up, until they are done', () => {
    const healer = createPolicyHealer(policies);
    const plans = healer.decide(zoneContext(0));
    const answer = (action: Action, outcome: ActionOutcome['outcome']): ActionOutcome => ({
      atMs: 0,
      action,
      outcome,
      detail: '',
      before: {},
      after: {},
    });
    for (const step of plans[0]?.steps ?? []) {
      healer.observe(
        answer(step, step.target === 'node/b2' && step.kind === 'drain' ? 'partial' : 'done'),
      );
    }
    const again = healer.decide(zoneContext(15_000));
    expect(stepsOf(again)).toEqual(['drain node/b2']);
    healer.observe(answer(again[0]?.steps[0] as Action, 'done'));
    expect(healer.decide(zoneContext(30_000))).toEqual([]);
  });

  it('need the weight they ask for, and the top suspect', () => {
    const decide = (...suspects: Parameters<typeof diagnosisOf>[0]): string[] =>
      stepsOf(
        createPolicyHealer(policies).decide(
          contextAt(0, {
            incidents: [incidentOn('service/web')],
            diagnoses: [diagnosisOf(suspects)],
          }),
        ),
      );
    expect(decide(['zone/zone-b', 'zone_outage', 0.2])).toEqual([]);
    expect(decide(['service/cart', 'unknown', 0.9], ['zone/zone-b', 'zone_outage', 0.8])).toEqual(
      [],
    );
    expect(decide(['service/cart', 'bad_release', 0.6])).toEqual(['rollback shop/deployment/cart']);
    expect(decide(['edge/cart->redis', 'network_latency', 0.6])).toEqual([
      'restart shop/deployment/redis',
    ]);
    expect(decide(['service/bank', 'dependency_failure', 0.9])).toEqual([]);
    expect(decide(['zone/zone-c', 'network_partition', 0.9])[0]).toBe('traffic_shift zone/zone-c');
  });

  it('let a zone outage overrule a node outage that is settling', () => {
    const healer = createPolicyHealer(policies);
    const nodeContext = (atMs: number): HealerContext =>
      contextAt(atMs, {
        incidents: [incidentOn('service/web')],
        diagnoses: [diagnosisOf([['node/b1', 'node_outage', 0.9]])],
      });
    expect(healer.decide(nodeContext(0))).toEqual([]);
    const plans = healer.decide(nodeContext(15_000));
    expect(stepsOf(plans)).toEqual(['cordon node/b1', 'drain node/b1']);
    play(healer, plans);
    expect(stepsOf(healer.decide(zoneContext(30_000)))).toContain('drain node/b3');
  });

  it('empty a node that loses packets, and a whole site, when two scrapes say so', () => {
    const decideTwice = (suspect: string): string[] => {
      const healer = createPolicyHealer(policies);
      const lossy = (atMs: number): HealerContext =>
        contextAt(atMs, {
          incidents: [incidentOn('service/web')],
          diagnoses: [diagnosisOf([[suspect, 'network_loss', 0.9]])],
        });
      expect(healer.decide(lossy(0))).toEqual([]);
      return stepsOf(healer.decide(lossy(15_000)));
    };
    expect(decideTwice('node/b1')).toEqual(['cordon node/b1', 'drain node/b1']);
    expect(decideTwice('zone/zone-b')).toEqual([
      ...['cordon node/b1', 'cordon node/b2', 'cordon node/b3'],
      ...['drain node/b1', 'drain node/b2', 'drain node/b3'],
    ]);
    expect(decideTwice('service/cart')).toEqual([]);
  });

  it('roll back a leaking release only when it is recent and still runs, else restart', () => {
    const decide = (firstSeenMs: number, running: string): string[] => {
      const series: Series = {
        'memory_utilization pod/shop/cart-1': 0.85,
        'pod_ready pod/shop/cart-1': 1,
        'pod_ready pod/shop/cart-2': (atMs) => (atMs >= firstSeenMs ? 1 : Number.NaN),
      };
      const context = contextAt(7_200_000, {
        series,
        incidents: [incidentOn('service/web')],
        diagnoses: [diagnosisOf([['service/cart', 'memory_exhaustion', 0.7]])],
        pods: [placementOf('cart-2', 'cart', 'a1', running)],
      });
      return stepsOf(createPolicyHealer(policies).decide(context));
    };
    expect(decide(6_000_000, 'v2')).toEqual(['rollback shop/deployment/cart']);
    expect(decide(6_000_000, 'v1')).toEqual(['restart shop/deployment/cart']);
    expect(decide(0, 'v2')).toEqual(['restart shop/deployment/cart']);
  });

  it('scale every busy service in a surge, but no idle one and no datastore', () => {
    const series: Series = {
      'cpu_utilization pod/shop/web-1': 0.95,
      'cpu_utilization pod/shop/web-2': 0.85,
      'cpu_utilization pod/shop/cart-1': 0.8,
      'cpu_utilization pod/shop/cart-2': 0.1,
      'cpu_utilization pod/shop/redis-1': 0.8,
    };
    const context = contextAt(0, {
      series,
      incidents: [incidentOn('user/buy')],
      diagnoses: [diagnosisOf([['user/*', 'load_surge', 0.9]])],
    });
    const plans = createPolicyHealer(policies).decide(context);
    expect(stepsOf(plans)).toEqual([
      'scale_up shop/deployment/web',
      'scale_up shop/deployment/cart',
    ]);
    expect(plans[0]?.steps[0]?.parameters).toEqual({ factor: 3, maxReplicas: 10 });
  });
});

describe('rules with conditions', () => {
  const cpuRule = `- name: hot
  condition: cpu_utilization > 80 for 5m
  target: deployment
  action: { type: scale_up }
  cooldown: 10m`;
  const hotSince = (fromMs: number): Series => ({
    'cpu_utilization pod/shop/cart-1': (atMs) => (atMs >= fromMs ? 0.9 : 0.3),
  });
  const incidents = [incidentOn('service/cart')];

  it('wait until every scrape of the window agrees', () => {
    const series = hotSince(0);
    const decide = (atMs: number): string[] =>
      stepsOf(healerFor(cpuRule).decide(contextAt(atMs, { series, incidents })));
    expect(decide(285_000)).toEqual([]);
    expect(decide(300_000)).toEqual(['scale_up shop/deployment/cart']);
  });

  it("act on the incident's entity only, and without an incident not at all", () => {
    const series = hotSince(-1_800_000);
    expect(healerFor(cpuRule).decide(contextAt(0, { series }))).toEqual([]);
    const elsewhere = [incidentOn('service/web')];
    expect(healerFor(cpuRule).decide(contextAt(0, { series, incidents: elsewhere }))).toEqual([]);
    const pod = [incidentOn('pod/shop/cart-5f6d-x2x4z')];
    expect(
      stepsOf(healerFor(cpuRule).decide(contextAt(0, { series, incidents: pod }))),
    ).toHaveLength(1);
  });

  it('with a named target stand on their own', () => {
    const named = cpuRule.replace('target: deployment', 'target: shop/deployment/cart');
    const plans = healerFor(named).decide(contextAt(0, { series: hotSince(-1_800_000) }));
    expect(stepsOf(plans)).toEqual(['scale_up shop/deployment/cart']);
    expect(plans[0]?.incidentId).toBeNull();
  });

  it('keep still for the cooldown, then act again', () => {
    const healer = healerFor(cpuRule);
    const actedAt: number[] = [];
    for (let atMs = 0; atMs <= 1_260_000; atMs += 15_000) {
      const plans = healer.decide(contextAt(atMs, { series: hotSince(-1_800_000), incidents }));
      if (plans.length > 0) actedAt.push(atMs);
      play(healer, plans);
    }
    expect(actedAt).toEqual([0, 600_000, 1_200_000]);
  });

  it('do not repeat what changed nothing while the incident is open', () => {
    const healer = healerFor(cpuRule);
    const series = hotSince(-1_800_000);
    play(healer, healer.decide(contextAt(0, { series, incidents })), 'no_change');
    expect(healer.decide(contextAt(900_000, { series, incidents }))).toEqual([]);
    expect(healer.decide(contextAt(915_000, { series }))).toEqual([]);
    const later = [incidentOn('service/cart', 'incident-2')];
    expect(healer.decide(contextAt(930_000, { series, incidents: later }))).toHaveLength(1);
  });

  it('compare with the recent baseline where they say threshold', () => {
    const spike = `- name: spike
  condition: qps > threshold * 2 for 1m
  target: deployment
  action: { type: rate_limit, limit_rps: 1000 }`;
    const rate = (factor: number): Series => ({
      'request_rate service/cart': (atMs) => (atMs >= 0 ? 100 * factor : 100),
    });
    const decide = (factor: number): number =>
      healerFor(spike).decide(contextAt(60_000, { series: rate(factor), incidents })).length;
    expect(decide(1.9)).toBe(0);
    expect(decide(2.2)).toBe(1);
    const fixed = `${spike}\n  threshold: 200`;
    expect(healerFor(fixed).decide(contextAt(60_000, { series: rate(3.9), incidents }))).toEqual(
      [],
    );
  });

  it('see failed health checks in missing replicas, and bear missed scrapes', () => {
    const down = `- name: down
  condition: health_check_failed for 3m
  target: deployment
  action: { type: restart }`;
    const series = (ready: number): Series => ({
      'pod_ready pod/shop/cart-1': 1,
      'replicas_ready service/cart': (atMs) =>
        atMs === 90_000 ? Number.NaN : atMs < 0 ? 2 : ready,
      'replicas_desired service/cart': 2,
    });
    const decide = (ready: number): number =>
      healerFor(down).decide(contextAt(180_000, { series: series(ready), incidents })).length;
    expect(decide(2)).toBe(0);
    expect(decide(1)).toBe(0);
    const gapless: Series = {
      ...series(1),
      'replicas_ready service/cart': (atMs) => (atMs < 0 ? 2 : 1),
    };
    expect(healerFor(down).decide(contextAt(180_000, { series: gapless, incidents }))).toHaveLength(
      1,
    );
  });
});

describe('fall-backs', () => {
  const twoStage = `- name: slow
  diagnosis: { class: network_latency, min_weight: 0.3 }
  target: deployment
  action: { type: restart }
  cooldown: 30m
  settle: 1m
  then:
    - after: 4m
      condition: error_ratio > 0.02
      action: { type: rollback }`;
  const at = (atMs: number, errorRatio = 0.1): HealerContext =>
    contextAt(atMs, {
      series: { 'error_ratio service/cart': errorRatio },
      incidents: [incidentOn('service/web')],
      diagnoses: [diagnosisOf([['service/cart', 'network_latency', 0.8]])],
    });

  it('come when the trouble persists, once', () => {
    const healer = healerFor(twoStage);
    const acted: string[] = [];
    for (let atMs = 0; atMs < 1_500_000; atMs += 15_000) {
      const plans = healer.decide(at(atMs));
      acted.push(...stepsOf(plans).map((step) => `${atMs} ${step}`));
      play(healer, plans);
    }
    expect(acted).toEqual([
      '0 restart shop/deployment/cart',
      '240000 rollback shop/deployment/cart',
    ]);
  });

  it('do not come when their own condition says that all is well', () => {
    const healer = healerFor(twoStage);
    play(healer, healer.decide(at(0)));
    expect(healer.decide(at(300_000, 0))).toEqual([]);
  });

  it('come at once when the first remedy could not be carried out', () => {
    const healer = healerFor(twoStage);
    play(healer, healer.decide(at(0)), 'failed');
    expect(healer.decide(at(15_000, 0))).toEqual([]);
    expect(stepsOf(healer.decide(at(30_000)))).toEqual(['rollback shop/deployment/cart']);
  });
});
