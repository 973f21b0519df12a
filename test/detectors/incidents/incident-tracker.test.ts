import { describe, expect, it } from 'vitest';
import type { Anomaly, MetricsFrame, SignalName } from '../../../core/observable/index.ts';
import { severityOf } from '../../../detectors/incidents/severity.ts';
import { IncidentTracker } from '../../../detectors/index.ts';
import { shopTopology } from '../synthetic-cluster.ts';

const frame: MetricsFrame = {
  atMs: 0,
  index: {
    series: [
      {
        signal: 'pod_ready',
        component: 'pod/default/cart-1',
        labels: { service: 'cart', node: 'n1' },
      },
      {
        signal: 'pod_ready',
        component: 'pod/default/mail-1',
        labels: { service: 'mail-db', node: 'n3' },
      },
    ],
  },
  values: Float64Array.of(1, 1),
};

function anomaly(component: string, signal: SignalName, zScore = 8, value = 0.05): Anomaly {
  return { atMs: 0, component, signal, labels: {}, value, expected: 0, zScore, detector: 'test' };
}

function tracker(): IncidentTracker {
  return new IncidentTracker(shopTopology);
}

describe('incident tracker', () => {
  it('makes one incident of a cascade and of the users who feel it', () => {
    const changes = tracker().observe(
      0,
      [
        anomaly('user/buy', 'user_error_ratio'),
        anomaly('edge/cart->cart-db', 'edge_error_ratio'),
        anomaly('service/checkout', 'error_ratio'),
        anomaly('node/n1', 'node_ready'),
      ],
      frame,
    );
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatchObject({
      type: 'opened',
      incident: { id: 'inc-1', component: 'service/cart-db' },
    });
  });

  it('makes two incidents of two unconnected failures, now or later', () => {
    const cart = anomaly('service/cart', 'error_ratio');
    const mail = anomaly('service/mail-db', 'error_ratio');
    expect(
      tracker()
        .observe(0, [cart, mail], frame)
        .map(({ incident }) => incident.id),
    ).toEqual(['inc-1', 'inc-2']);
    const later = tracker();
    later.observe(0, [cart], frame);
    expect(later.observe(30_000, [mail], frame)[0]).toMatchObject({
      type: 'opened',
      incident: { id: 'inc-2' },
    });
  });

  it('joins nodes of one zone, and what runs on a node with the node', () => {
    const zone = tracker().observe(
      0,
      [anomaly('node/n1', 'node_ready'), anomaly('node/n2', 'node_ready')],
      frame,
    );
    expect(zone).toHaveLength(1);
    const apart = tracker().observe(
      0,
      [anomaly('node/n1', 'node_ready'), anomaly('node/n3', 'node_ready')],
      frame,
    );
    expect(apart).toHaveLength(2);
    const hosted = tracker();
    hosted.observe(0, [anomaly('node/n3', 'node_ready')], frame);
    expect(
      hosted.observe(15_000, [anomaly('service/mail-db', 'error_ratio')], frame)[0]?.type,
    ).toBe('updated');
  });

  it('tells of updates only when there is news', () => {
    const one = tracker();
    const cart = anomaly('service/cart', 'error_ratio');
    one.observe(0, [cart], frame);
    expect(one.observe(15_000, [cart], frame)).toEqual([]);
    expect(one.observe(30_000, [anomaly('service/cart', 'latency_ms_p95')], frame)).toHaveLength(1);
    expect(one.observe(45_000, [anomaly('service/cart', 'error_ratio', 20)], frame)).toHaveLength(
      1,
    );
  });

  it('closes after three quiet minutes and reopens within the grace window', () => {
    const one = tracker();
    const cart = anomaly('service/cart', 'error_ratio');
    one.observe(0, [cart], frame);
    expect(one.observe(165_000, [], frame)).toEqual([]);
    expect(one.observe(180_000, [], frame)[0]).toMatchObject({
      type: 'closed',
      incident: { closedAtMs: 180_000 },
    });
    expect(one.observe(300_000, [cart], frame)[0]).toMatchObject({
      type: 'updated',
      incident: { id: 'inc-1', openedAtMs: 0, closedAtMs: null },
    });
    one.observe(480_000, [], frame);
    one.observe(800_000, [], frame);
    expect(one.observe(815_000, [cart], frame)[0]).toMatchObject({
      type: 'opened',
      incident: { id: 'inc-2' },
    });
  });

  it('never opens for load alone', () => {
    expect(tracker().observe(0, [anomaly('service/cart', 'request_rate')], frame)).toEqual([]);
  });

  it('lists the strongest anomaly per component and signal, strongest first', () => {
    const one = tracker();
    one.observe(
      0,
      [
        anomaly('service/cart', 'error_ratio', 6, 0.1),
        anomaly('service/cart', 'latency_ms_p95', 9, 250),
      ],
      frame,
    );
    const [change] = one.observe(15_000, [anomaly('service/cart', 'error_ratio', 12, 0.4)], frame);
    expect(change?.incident.summary).toEqual([
      'error_ratio{service/cart}: 0.4 (12.0)',
      'latency_ms_p95{service/cart}: 250 (9.0)',
    ]);
  });
});

describe('severity', () => {
  it('rises when two signals of one component agree', () => {
    const pod = 'pod/default/cart-1';
    expect(severityOf([anomaly(pod, 'cpu_utilization')])).toBe('info');
    expect(severityOf([anomaly(pod, 'cpu_utilization'), anomaly(pod, 'in_flight_requests')])).toBe(
      'warning',
    );
    expect(severityOf([anomaly(pod, 'memory_utilization')])).toBe('warning');
    expect(severityOf([anomaly('service/cart', 'error_ratio')])).toBe('warning');
    expect(severityOf([anomaly('user/buy', 'user_error_ratio')])).toBe('warning');
    const agreeing = [
      anomaly('user/buy', 'user_error_ratio'),
      anomaly('user/buy', 'user_latency_ms_p95'),
    ];
    expect(severityOf(agreeing)).toBe('critical');
    const apart = [
      anomaly('user/buy', 'user_error_ratio'),
      anomaly('user/browse', 'user_latency_ms_p95'),
    ];
    expect(severityOf(apart)).toBe('warning');
  });

  it('is critical at once when a tenth of the users fail', () => {
    expect(severityOf([anomaly('user/buy', 'user_error_ratio', 30, 0.1)])).toBe('critical');
  });
});
