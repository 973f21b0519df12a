import { describe, expect, it } from 'vitest';
import { InputError, parseYamlSource } from '../../core/tools/index.ts';

const outer = `kind: ConfigMap
data:
  empty:
  quoted: "a: 1"
  inner.yaml: |

    first: 1
    list:
      - {x: 2, y: 'q r'}
      - last
  after: &anchor [1, 2]
  alias: *anchor
`;

function at(line: number, column: number): object {
  return { file: 'f.yaml', line, column };
}

describe('a YAML source knows where its values stand', () => {
  const source = parseYamlSource(outer, 'f.yaml');

  it('for values, keys, list items and aliases', () => {
    expect(source.positionOf(['kind'])).toEqual(at(1, 7));
    expect(source.keyPositionOf(['kind'])).toEqual(at(1, 1));
    expect(source.positionOf(['kind'], 6)).toEqual(at(1, 13));
    expect(source.positionOf(['data', 'after', 1])).toEqual(at(11, 22));
    expect(source.keyPositionOf(['data', 'alias'])).toEqual(at(12, 3));
  });

  it('for absent values, by their key or nearest ancestor', () => {
    expect(source.positionOf(['data', 'empty'])).toEqual(at(3, 3));
    expect(source.positionOf(['data', 'missing', 'deeper'])).toEqual(at(3, 3));
  });

  it('inside a literal block, in the outer file', () => {
    const inner = source.embedded(['data', 'inner.yaml']);
    expect(inner.value).toEqual({ first: 1, list: [{ x: 2, y: 'q r' }, 'last'] });
    expect(inner.positionOf(['first'])).toEqual(at(7, 12));
    expect(inner.keyPositionOf(['list', 0, 'y'])).toEqual(at(9, 16));
    expect(inner.positionOf(['list', 1], 2)).toEqual(at(10, 11));
  });

  it('inside other strings, at their first character', () => {
    const inner = source.embedded(['data', 'quoted']);
    expect(inner.value).toEqual({ a: 1 });
    expect(inner.positionOf(['a'])).toEqual(at(4, 12));
  });
});

describe('malformed YAML', () => {
  it.each([
    ['a: [1\nb: 2', 'f.yaml:2:1: malformed YAML: deficient indentation'],
    ['a: 1\na: 2', 'f.yaml:2:1: malformed YAML: duplicated mapping key'],
    ['a: 1\n---\nb: 2\n', 'f.yaml:2:1: expected one YAML document, got 2'],
  ])('%j', (text, message) => {
    expect(() => parseYamlSource(text, 'f.yaml')).toThrow(InputError);
    expect(() => parseYamlSource(text, 'f.yaml')).toThrow(message);
  });

  it('inside a block points into the outer file', () => {
    const source = parseYamlSource('top: |\n  a: [1\n  b: 2\n', 'f.yaml');
    expect(() => source.embedded(['top'])).toThrow(/^f\.yaml:3:3: malformed YAML/);
    expect(() => source.embedded([])).toThrow('expected text that holds YAML');
  });
});

it('refuses aliases that expand beyond measure', () => {
  const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 9; i += 1)
    bomb.push(
      `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    );
  expect(() => parseYamlSource(bomb.join('\n'), 'bomb.yaml')).toThrow('aliases expand to more');
});
