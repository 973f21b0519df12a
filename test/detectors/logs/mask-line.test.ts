import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { valueMark } from '../../../detectors/logs/characters.ts';
import { maskLine } from '../../../detectors/logs/mask-line.ts';

const shown = (line: string): string => maskLine(line).replaceAll(valueMark, '<*>');

describe('masking', () => {
  it.each([
    ['took 12 ms', 'took <*> ms'],
    ['took 12.5ms, 80%', 'took <*>, <*>%'],
    ['delta -3 at -0.25', 'delta <*> at <*>'],
    ['size 1,024 of 5.2 KB free', 'size <*> of <*> free'],
    ['from 10.2.3.4:8080 to /10.2.3.5:80', 'from <*> to <*>'],
    ['via fe80::1c:11 and 00:1A:2b:3c:4d:5e', 'via <*> and <*>'],
    ['at 0xff5e, 3f9a0c11 and ffffffff', 'at <*>, <*> and <*>'],
    ['id 54fadb41-2c4e-40cd-baed-9335e4c35a9e.', 'id <*>.'],
    ['block blk_-1608 of node-17 is v1.2.3', 'block <*> of <*> is <*>'],
    ['read /var/log/a.b, ./c/d and ../e.', 'read <*>, <*> and <*>.'],
    ['load C:\\Program\\x.dll now', 'load <*> now'],
    ['get https://a.b/c?d=e&f=g, then', 'get <*>, then'],
    ['proxy.example.com:443 close', '<*> close'],
    ['at Sun Jul  3 23:16:09 2005 (Sat, 18 Jun 2005 02:08:10 GMT)', 'at <*> (<*>)'],
    ['at 2026-01-05T10:00:00,123 [12:30:00]', 'at <*> [<*>]'],
    ['ok=true x=null y=False', 'ok=<*> x=<*> y=<*>'],
    ['tag="View Lock", name=x', 'tag="<*>", name=x'],
    ['from 10.0.0.1 () at', 'from <*> (<*>) at'],
    ['lifetime <1 sec', 'lifetime <*>'],
  ])('%s', (line, masked) => {
    expect(shown(line)).toBe(masked);
  });

  it.each([
    'ssh2 IPv4 eth0 jk2_init() Slf4jLogger',
    "May I read/write? I can't: and/or",
    'flush() of {} and run()',
    'Sun sets, Marching on, trueish nullable',
    'a < b, c - d, ... -- /',
    'key= other= end.',
    '__proto__ constructor toString',
    'héllo wörld 日志 ok',
  ])('leaves %s', (line) => {
    expect(maskLine(line)).toBe(line);
  });

  it('takes white space and control characters for one space', () => {
    expect(maskLine('\ta  b\u0000\u0001c\r\n d\u007f')).toBe('a b c d');
    expect(maskLine(' \t\n')).toBe('');
    expect(maskLine('')).toBe('');
  });

  it('reads the first 1,024 characters, and cuts no word', () => {
    const long = `start ${'word '.repeat(100_000)}`;
    expect(shown(long)).toMatch(/^start( word)+ <\*>$/);
    expect(shown(long).length).toBeLessThan(1100);
    expect(shown('x'.repeat(1_000_000))).toBe(`${'x'.repeat(1024)} <*>`);
    expect(shown(`${'9'.repeat(1_000_000)} end`)).toBe('<*> <*>');
  });

  it('gives lines that differ in their values the same text', () => {
    const value = fc.oneof(
      fc.nat().map(String),
      fc.ipV4(),
      fc.uuid(),
      fc
        .double({ noNaN: true, noDefaultInfinity: true, min: 0.001, max: 1e6 })
        .map((x) => x.toFixed(3)),
      fc.nat().map((x) => `0x${(x + 256).toString(16).padStart(9, '0')}`),
    );
    const line = (a: string, b: string): string => `user asked ${a} of [${b}] (id=${a}): done`;
    fc.assert(
      fc.property(value, value, value, value, (a, b, c, d) => {
        expect(maskLine(line(a, b))).toBe(maskLine(line(c, d)));
      }),
      { seed: 5 },
    );
  });

  it('does not let one line leak into the next', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (one, other) => {
        const alone = maskLine(other);
        maskLine(one);
        expect(maskLine(other)).toBe(alone);
      }),
      { seed: 6 },
    );
  });
});
