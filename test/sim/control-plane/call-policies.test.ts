import { expect, it } from 'vitest';
import type { CustomObject } from '../../../core/observable/index.ts';
import { createWorld, deployment, expectOk, service } from './fixture.ts';

const manager = { fieldManager: 'kubectl' };

const rule: CustomObject = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'DestinationRule',
  metadata: { name: 'web' },
  spec: {
    host: 'web.default.svc.cluster.local',
    trafficPolicy: {
      connectionPool: { http: { http2MaxRequests: 40, http1MaxPendingRequests: 8 } },
      retryBudget: { percent: 20 },
    },
  },
};

const policy: CustomObject = {
  apiVersion: 'gateway.envoyproxy.io/v1alpha1',
  kind: 'BackendTrafficPolicy',
  metadata: { name: 'web' },
  spec: {
    targetRefs: [{ kind: 'HTTPRoute', name: 'web' }],
    circuitBreaker: { maxParallelRequests: 16 },
    retry: { numRetries: 2, perRetry: { backOff: { baseInterval: '250ms' } } },
  },
};

it('reads circuit breakers, retries and their budget from traffic objects', async () => {
  const { plane } = createWorld({ objects: [deployment('web'), service('web')] });
  plane.advance(0);
  expect(plane.view.traffic.callPolicies).toBeUndefined();
  expectOk(await plane.api.create(rule, manager));
  const ofRule = { maxRequests: 40, maxPending: 8, retryBudget: 0.2 };
  expect(plane.view.traffic.callPolicies?.get('web')).toEqual(ofRule);
  expectOk(await plane.api.create(policy, manager));
  expect(plane.view.traffic.callPolicies?.get('web')).toEqual({
    ...ofRule,
    maxRequests: 16,
    retries: 2,
    backoffMs: 250,
  });
});
