import { describe, expect, it } from 'vitest';
import type { KindMap } from '../../../core/observable/index.ts';
import { readEnvironment } from '../../../sim/control-plane/environment.ts';
import { createWorld, expectOk } from './fixture.ts';

const person = { fieldManager: 'kubectl' };
const ref = { kind: 'Secret', namespace: 'default', name: 'login' } as const;

const login: KindMap['Secret'] = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'login', namespace: 'default' },
  data: { user: 'YW5u', password: 'b2xk' },
  stringData: { password: 'new' },
};

describe('a Secret', () => {
  it('keeps what was written as text in base64 only', async () => {
    const { api } = createWorld({ objects: [login] }).plane;
    const created = expectOk(await api.get(ref));
    expect(created.data).toEqual({ user: 'YW5u', password: 'bmV3' });
    expect(created.stringData).toBeUndefined();
    const body = { stringData: { user: 'bob' } };
    expectOk(await api.patch(ref, { type: 'merge', body }, person));
    const patched = expectOk(await api.get(ref));
    expect(patched.data).toEqual({ user: 'Ym9i', password: 'bmV3' });
    expect(patched.stringData).toBeUndefined();
  });

  it('reaches containers as plain text', async () => {
    const { api } = createWorld({ objects: [login] }).plane;
    const secret = expectOk(await api.get(ref));
    const source = { configMap: () => undefined, secret: () => secret };
    const container = {
      name: 'server',
      env: [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'login', key: 'password' } } }],
      envFrom: [{ secretRef: { name: 'login' }, prefix: 'LOGIN_' }],
    };
    expect(readEnvironment(container, { namespace: 'default', source })).toEqual({
      values: { LOGIN_user: 'ann', LOGIN_password: 'new', PASSWORD: 'new' },
    });
  });
});
