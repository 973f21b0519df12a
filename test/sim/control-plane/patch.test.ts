import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  applyJsonPatch,
  mergePatch,
  PatchError,
  strategicPatch,
} from '../../../sim/control-plane/patch.ts';

const json = fc.object({ maxDepth: 3, values: [fc.string(), fc.integer(), fc.boolean()] });

/** The merge patch that turns one object into another. */
function difference(from: unknown, to: unknown): unknown {
  if (!isObject(from) || !isObject(to)) return to;
  const patch: Record<string, unknown> = {};
  for (const key of Object.keys(from)) if (!(key in to)) patch[key] = null;
  for (const key of Object.keys(to)) patch[key] = difference(from[key], to[key]);
  return patch;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

describe('merge patch', () => {
  it('with the difference of two objects gives the second', () => {
    fc.assert(
      fc.property(json, json, (from, to) => {
        expect(mergePatch(from, difference(from, to))).toEqual(to);
      }),
      { seed: 7 },
    );
  });

  it('is idempotent and leaves its arguments alone', () => {
    fc.assert(
      fc.property(json, json, (target, patch) => {
        const copy = structuredClone({ target, patch });
        const once = mergePatch(target, patch);
        expect(mergePatch(once, patch)).toEqual(once);
        expect({ target, patch }).toEqual(copy);
      }),
      { seed: 7 },
    );
  });

  it('replaces lists as a whole', () => {
    expect(mergePatch({ a: [1, 2], b: 1 }, { a: [3], b: null })).toEqual({ a: [3] });
  });
});

describe('strategic merge patch', () => {
  const spec = {
    containers: [
      { name: 'server', image: 'web:1', env: [{ name: 'A', value: '1' }], args: ['x'] },
      { name: 'proxy', image: 'envoy:1' },
    ],
    tolerations: [{ key: 'a' }],
  };

  it('merges containers by name and env by name, and replaces atomic lists', () => {
    const patch = {
      containers: [{ name: 'server', image: 'web:2', env: [{ name: 'B', value: '2' }] }],
      tolerations: [{ key: 'b' }],
    };
    expect(strategicPatch(spec, patch)).toEqual({
      containers: [
        {
          name: 'server',
          image: 'web:2',
          env: [
            { name: 'A', value: '1' },
            { name: 'B', value: '2' },
          ],
          args: ['x'],
        },
        { name: 'proxy', image: 'envoy:1' },
      ],
      tolerations: [{ key: 'b' }],
    });
  });

  it('obeys $patch directives', () => {
    const removed = strategicPatch(spec, { containers: [{ name: 'proxy', $patch: 'delete' }] });
    expect(removed).toMatchObject({ containers: [{ name: 'server' }] });
    const replaced = strategicPatch(spec, { $patch: 'replace', containers: [] });
    expect(replaced).toEqual({ containers: [] });
  });

  it('merges container ports by containerPort and service ports by port', () => {
    const container = { ports: [{ containerPort: 80, name: 'http' }] };
    expect(strategicPatch(container, { ports: [{ containerPort: 80, protocol: 'TCP' }] })).toEqual({
      ports: [{ containerPort: 80, name: 'http', protocol: 'TCP' }],
    });
    const service = { ports: [{ port: 80, targetPort: 1 }] };
    expect(strategicPatch(service, { ports: [{ port: 81 }] })).toEqual({
      ports: [{ port: 80, targetPort: 1 }, { port: 81 }],
    });
  });
});

describe('JSON patch', () => {
  it('undoes an addition by a removal', () => {
    fc.assert(
      fc.property(json, fc.string({ minLength: 1 }), fc.integer(), (object, key, value) => {
        fc.pre(!Object.hasOwn(object, key) && key !== '__proto__');
        const path = `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
        const added = applyJsonPatch(object, [{ op: 'add', path, value }]);
        expect(added[key]).toBe(value);
        expect(applyJsonPatch(added, [{ op: 'remove', path }])).toEqual(object);
      }),
      { seed: 7 },
    );
  });

  it('inserts into, replaces in and appends to lists', () => {
    const result = applyJsonPatch({ list: [1, 3] }, [
      { op: 'add', path: '/list/1', value: 2 },
      { op: 'replace', path: '/list/0', value: 0 },
      { op: 'add', path: '/list/-', value: 4 },
    ]);
    expect(result).toEqual({ list: [0, 2, 3, 4] });
  });

  it('refuses a missing path and a failed test', () => {
    const missing = () => applyJsonPatch({}, [{ op: 'replace', path: '/spec/replicas', value: 1 }]);
    expect(missing).toThrow(PatchError);
    const failing = () => applyJsonPatch({ a: 1 }, [{ op: 'test', path: '/a', value: 2 }]);
    expect(failing).toThrow(/testing value/);
  });
});
