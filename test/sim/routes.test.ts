/** Where calls go after edits of Services, policies and settings: the whole twin at work. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { ObjectRef, Span } from '../../core/observable/index.ts';
import { type ObjectEdit, playEdit } from '../../core/truth/index.ts';
import type { Twin } from '../../sim/index.ts';
import { goodRatio, warmTwin } from './boutique.ts';

const person = { fieldManager: 'kubectl-edit' };

let healthy: Twin;

beforeAll(async () => {
  healthy = await warmTwin();
});

function ref(kind: ObjectRef['kind'], name: string): ObjectRef {
  return { kind, namespace: 'default', name };
}

function patched(kind: ObjectRef['kind'], name: string, body: object): ObjectEdit {
  const patch = { type: 'strategic', body: body as Record<string, unknown> } as const;
  return { verb: 'patch', object: ref(kind, name), patch };
}

interface Aftermath {
  readonly twin: Twin;
  /** Client spans of the last minute that were sent to a service. */
  to(service: string): Span[];
}

/** Two minutes after edits, the last of them watched. */
async function aftermathOf(...edits: readonly ObjectEdit[]): Promise<Aftermath> {
  const twin = healthy.fork({ faults: 'keep', telemetry: true });
  for (const edit of edits)
    expect(await playEdit(twin.cluster, edit, person)).toMatchObject({ ok: true });
  await twin.advance(60_000);
  const { spans } = await twin.advance(120_000);
  const callees: Readonly<Record<string, string>> = {
    Convert: 'currencyservice',
    GetSupportedCurrencies: 'currencyservice',
    GetQuote: 'shippingservice',
    ShipOrder: 'shippingservice',
    GetCart: 'cartservice',
    Charge: 'paymentservice',
  };
  const to = (service: string): Span[] =>
    spans.filter(({ kind, operation }) => kind === 'client' && callees[operation] === service);
  return { twin, to };
}

function reasons(spans: readonly Span[]): Set<unknown> {
  return new Set(spans.map(({ attributes }) => attributes['error.type']));
}

function durations(spans: readonly Span[]): number[] {
  return spans.map(({ durationMs }) => durationMs);
}

describe('a Service', () => {
  it('that leads to a port where nobody listens is refused at once', async () => {
    const { to, twin } = await aftermathOf({
      verb: 'patch',
      object: ref('Service', 'currencyservice'),
      patch: {
        type: 'json',
        body: [{ op: 'replace', path: '/spec/ports/0/targetPort', value: 9999 }],
      },
    });
    const spans = to('currencyservice');
    expect(spans.length).toBeGreaterThan(10);
    expect(reasons(spans)).toEqual(new Set(['connection_refused']));
    expect(Math.max(...durations(spans))).toBeLessThan(5);
    expect(goodRatio(twin, 60_000, 120_000)).toBeLessThan(0.2);
  });

  it('that is gone has no name any more, and is itself again when it is back', async () => {
    const found = await healthy.cluster.get(ref('Service', 'shippingservice'));
    const { to, twin } = await aftermathOf({
      verb: 'delete',
      object: ref('Service', 'shippingservice'),
    });
    expect(reasons(to('shippingservice'))).toEqual(new Set(['name_resolution_error']));
    if (!found.ok) throw new Error('the Service is shipped');
    const { resourceVersion: _, ...metadata } = found.object.metadata ?? {};
    await twin.cluster.create({ ...found.object, metadata } as typeof found.object, person);
    await twin.advance(240_000);
    expect(goodRatio(twin, 180_000, 240_000)).toBeGreaterThan(0.995);
  });

  it('with a selector that matches nothing has no endpoints', async () => {
    const { to } = await aftermathOf(
      patched('Service', 'paymentservice', { spec: { selector: { track: 'blue' } } }),
    );
    expect(reasons(to('paymentservice'))).toEqual(new Set(['unavailable']));
  });

  it('that keeps its traffic on the node drops what has no endpoint there', async () => {
    const { to } = await aftermathOf(
      patched('Service', 'cartservice', { spec: { internalTrafficPolicy: 'Local' } }),
    );
    const spans = to('cartservice');
    expect(reasons(spans)).toContain('timeout');
    const timeouts = spans.filter(({ attributes }) => attributes['error.type'] === 'timeout');
    expect(new Set(durations(timeouts))).toEqual(new Set([2000]));
  });

  it('that catches the pods of others too loses their share of the calls', async () => {
    const tier = { template: { metadata: { labels: { tier: 'orders' } } } };
    const { to, twin } = await aftermathOf(
      patched('Deployment', 'paymentservice', { spec: tier }),
      patched('Deployment', 'emailservice', { spec: tier }),
      {
        verb: 'patch',
        object: ref('Service', 'paymentservice'),
        patch: {
          type: 'json',
          body: [{ op: 'replace', path: '/spec/selector', value: { tier: 'orders' } }],
        },
      },
    );
    // Two pods of each; nobody listens on the port of payments in the others.
    const payments = twin.truth.services.indexOf('paymentservice');
    expect(twin.truth.service.at(-1)?.errorRatio[payments]).toBeCloseTo(0.5, 2);
    const failed = to('paymentservice').filter(({ status }) => status === 'error');
    expect(reasons(failed)).toEqual(new Set(['connection_refused']));
    expect(goodRatio(twin, 60_000, 120_000)).toBeLessThan(0.99);
  });
});

describe('a network policy', () => {
  const policy = (name: string, spec: object): ObjectEdit => ({
    verb: 'create',
    manifest: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name, namespace: 'default' },
      spec: { podSelector: { matchLabels: { app: name } }, ...spec },
    },
  });

  it('that lets nobody in makes callers wait for their time-outs', async () => {
    const { to } = await aftermathOf(policy('shippingservice', { policyTypes: ['Ingress'] }));
    const spans = to('shippingservice');
    expect(reasons(spans)).toEqual(new Set(['timeout']));
    expect(new Set(durations(spans))).toEqual(new Set([1000]));
  });

  it('that lets the callers in changes nothing', async () => {
    const from = [
      { podSelector: { matchLabels: { app: 'frontend' } } },
      { podSelector: { matchLabels: { app: 'checkoutservice' } } },
    ];
    const { twin } = await aftermathOf(
      policy('shippingservice', {
        policyTypes: ['Ingress'],
        ingress: [{ from, ports: [{ port: 50051 }] }],
      }),
    );
    expect(goodRatio(twin, 60_000, 120_000)).toBeGreaterThan(0.995);
  });

  it('that lets only pods in shuts users out, unless it names the outside too', async () => {
    const pods = { podSelector: {} };
    const shut = policy('frontend', { ingress: [{ from: [pods] }] });
    expect(goodRatio((await aftermathOf(shut)).twin, 60_000, 120_000)).toBeLessThan(0.01);
    const open = policy('frontend', {
      ingress: [{ from: [pods, { ipBlock: { cidr: '0.0.0.0/0' } }], ports: [{ port: 'http' }] }],
    });
    expect(goodRatio((await aftermathOf(open)).twin, 60_000, 120_000)).toBeGreaterThan(0.995);
  });

  it('on the way out stops the calls of one service only', async () => {
    const { to } = await aftermathOf(
      policy('checkoutservice', { policyTypes: ['Egress'], egress: [{ ports: [{ port: 443 }] }] }),
    );
    const carts = to('cartservice');
    const of = (service: string): Span[] =>
      carts.filter(({ resource }) => resource.service === service);
    expect(reasons(of('checkoutservice'))).toEqual(new Set(['timeout']));
    expect(of('frontend').filter(({ status }) => status === 'ok').length).toBeGreaterThan(0);
  });
});

describe('an address in the settings', () => {
  const address = (value: string): ObjectEdit =>
    patched('Deployment', 'checkoutservice', {
      spec: {
        template: {
          spec: {
            containers: [{ name: 'server', env: [{ name: 'PAYMENT_SERVICE_ADDR', value }] }],
          },
        },
      },
    });

  it('that names nobody fails by name', async () => {
    const { to } = await aftermathOf(address('payments:50051'));
    expect(reasons(to('paymentservice'))).toEqual(new Set(['name_resolution_error']));
  });

  it('with a port that the Service does not have is refused', async () => {
    const { to } = await aftermathOf(address('paymentservice:50052'));
    expect(reasons(to('paymentservice'))).toEqual(new Set(['connection_refused']));
  });

  it('written out in full is the same address', async () => {
    const { twin } = await aftermathOf(address('paymentservice.default.svc.cluster.local:50051'));
    expect(goodRatio(twin, 60_000, 120_000)).toBeGreaterThan(0.995);
  });
});
