import { describe, expect, it } from 'vitest';
import type { KindMap } from '../../core/observable/index.ts';
import { renderWorkload } from '../../scenarios/index.ts';

const plan = {
  name: 'cart',
  namespace: 'shop',
  image: 'shop/cart:v1',
  port: 8080,
  probe: 'http',
  startupMs: 1000,
  replicas: 1,
  cpuCores: { request: 0.1, limit: 0.2 },
  memoryBytes: { request: 1e8, limit: 2e8 },
  autoscale: null,
  homeZone: null,
  callees: [{ name: 'cart-redis', port: 6379, hasPassword: true }],
} as const;

function deploymentOf(objects: readonly unknown[]): KindMap['Deployment'] {
  return objects.find(
    (object) => (object as { kind: string }).kind === 'Deployment',
  ) as KindMap['Deployment'];
}

describe('what a workload is told', () => {
  it('stands in its environment, passwords in the Secret of the store', () => {
    const [container] = deploymentOf(renderWorkload(plan)).spec?.template.spec?.containers ?? [];
    expect(container?.env).toEqual([
      { name: 'CART_REDIS_ADDR', value: 'cart-redis:6379' },
      {
        name: 'CART_REDIS_PASSWORD',
        valueFrom: { secretKeyRef: { name: 'cart-redis-password', key: 'password' } },
      },
    ]);
  });

  it('may lie in a ConfigMap of its own', () => {
    const objects = renderWorkload({ ...plan, settings: 'config_map' });
    const map = objects.find(({ kind }) => kind === 'ConfigMap') as KindMap['ConfigMap'];
    expect(map.data).toEqual({ CART_REDIS_ADDR: 'cart-redis:6379' });
    const [container] = deploymentOf(objects).spec?.template.spec?.containers ?? [];
    expect(container?.envFrom).toEqual([{ configMapRef: { name: map.metadata?.name } }]);
  });
});

describe('what a workload keeps', () => {
  it('lies on a volume that no two pods have at a time', () => {
    const objects = renderWorkload({ ...plan, volumeBytes: 10 * 1024 ** 3 });
    const claim = objects.find(
      ({ kind }) => kind === 'PersistentVolumeClaim',
    ) as KindMap['PersistentVolumeClaim'];
    expect(claim.spec?.accessModes).toEqual(['ReadWriteOnce']);
    expect(claim.spec?.resources?.requests).toEqual({ storage: '10Gi' });
    const { spec } = deploymentOf(objects);
    expect(spec?.strategy).toEqual({ type: 'Recreate' });
    expect(spec?.template.spec?.volumes?.[0]?.persistentVolumeClaim?.claimName).toBe(
      claim.metadata?.name,
    );
  });
});
