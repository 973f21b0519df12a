import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TemplateMiner } from '../../../detectors/index.ts';

function mine(lines: readonly string[]): { miner: TemplateMiner; texts: string[] } {
  const miner = new TemplateMiner();
  const ids = lines.map((line) => miner.add(line));
  return { miner, texts: ids.map((id) => miner.templateOf(id)?.text ?? 'forgotten') };
}

const names = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace', 'heidi'];

describe('template miner', () => {
  it('finds the parameter in `Request failed for user <*>`', () => {
    const { texts } = mine(names.map((name) => `Request failed for user ${name}`));
    expect(new Set(texts)).toEqual(new Set(['Request failed for user <*>']));
  });

  it('needs many plain words for a parameter, and two behind `user` or `=`', () => {
    const login = (name: string): string => `the guest ${name} came in`;
    expect(new Set(mine(names.slice(0, 4).map(login)).texts).size).toBe(4);
    expect(new Set(mine(names.slice(0, 5).map(login)).texts)).toEqual(
      new Set(['the guest <*> came in']),
    );
    expect(mine(['closed, mode=fast', 'closed, mode=slow']).texts[0]).toBe('closed, mode=<*>');
  });

  it('keeps events apart that differ in a word or a symbol', () => {
    const lines = [
      ...['Started', 'Paused', 'Resumed', 'Stopped'].map(
        (state) => `[vm 7] VM ${state} (Lifecycle)`,
      ),
      ...['NEW', 'QUEUED', 'RUNNING', 'FAILED', 'DONE'].map((state) => `job 7 went to ${state}`),
      ...names.map((unit) => `${unit} startup succeeded`),
    ];
    expect(new Set(mine(lines).texts).size).toBe(lines.length);
  });

  it('joins templates that differ in how many values stand in a row', () => {
    const { texts } = mine(['delete 1 2 3', 'delete 7', 'delete 4, 5', 'delete 8', 'delete [6]']);
    expect(texts.slice(0, 4)).toEqual(Array(4).fill('delete <*>'));
    expect(texts[4]).toBe('delete [<*>]');
  });

  it('leads from an id that was merged away to the template it is part of', () => {
    const miner = new TemplateMiner();
    const early = names.map((name) => miner.add(`the guest ${name} came in`));
    expect(new Set(early).size).toBe(4);
    const [one] = early;
    for (const id of early) {
      expect(miner.templateOf(id)).toEqual({ id: one, text: 'the guest <*> came in', count: 8 });
    }
    expect(miner.templates()).toHaveLength(1);
    expect(miner.templateOf(99)).toBeUndefined();
  });

  it('takes names of properties, empty lines and unicode for words', () => {
    const lines = [
      '__proto__ constructor',
      'hasOwnProperty = __proto__',
      '',
      '日志 🙂 ok',
      '\ud800',
    ];
    const { miner, texts } = mine(lines);
    expect(texts).toEqual(lines);
    expect(miner.templates().map(({ count }) => count)).toEqual([1, 1, 1, 1, 1]);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });

  it('forgets what it has not seen for longest, and never holds more than it may', () => {
    const miner = new TemplateMiner({ templatesMax: 16 });
    const always = miner.add('heart beat ok');
    const early = miner.add('seen but once');
    for (let i = 0; i < 500; i += 1) {
      miner.add(`${wordOf(i)} begins`);
      expect(miner.add('heart beat ok')).toBe(always);
      expect(miner.templates().length).toBeLessThanOrEqual(16);
    }
    expect(miner.templateOf(early)).toBeUndefined();
    expect(miner.templateOf(always)?.count).toBe(501);
    const state = miner.checkpoint();
    expect(state.names.runKeys.length).toBeLessThanOrEqual(32);
    expect(state.known.flat().length).toBeLessThanOrEqual(64);
    expect(() => new TemplateMiner({ templatesMax: 1 })).toThrow('at least 8');
  });

  it('stays small on prose that has no templates', () => {
    const miner = new TemplateMiner();
    for (let i = 0; i < 3000; i += 1) {
      miner.add(`note ${[1, 7, 11, 13, 17, 19].map((step) => wordOf(i * step)).join(' ')}`);
    }
    expect(miner.templates().length).toBeLessThanOrEqual(101);
  });
});

/** A word of letters, another for each number below 26³. */
function wordOf(number: number): string {
  const letter = (digit: number): string => String.fromCharCode(97 + (digit % 26));
  return `w${letter(number)}${letter(Math.floor(number / 26))}${letter(Math.floor(number / 676))}`;
}

/** Lines with few words and values, so that templates grow, merge and are forgotten. */
const word = fc.constantFrom(
  'a',
  'b',
  'c',
  'd',
  'e',
  'f',
  '7',
  'x=1',
  'user',
  '[',
  '],',
  '__proto__',
);
const line = fc.oneof(
  fc.array(word, { maxLength: 7 }).map((words) => words.join(' ')),
  fc.string({ unit: 'binary' }),
);
const lines = fc.array(line, { maxLength: 120 });

describe('for any lines', () => {
  it('each has a template, and every line is counted once', () => {
    fc.assert(
      fc.property(lines, (some) => {
        const { miner, texts } = mine(some);
        expect(texts).not.toContain('forgotten');
        expect(miner.templates().reduce((sum, { count }) => sum + count, 0)).toBe(some.length);
      }),
      { seed: 1 },
    );
  });

  it('a restored miner goes on to the byte, also through JSON', () => {
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const whole = new TemplateMiner({ templatesMax: 8 });
        for (const one of before) whole.add(one);
        const saved = JSON.stringify(whole.checkpoint());
        const restored = TemplateMiner.restore(JSON.parse(saved));
        expect(JSON.stringify(restored.checkpoint())).toBe(saved);
        expect(after.map((one) => restored.add(one))).toEqual(after.map((one) => whole.add(one)));
        expect(JSON.stringify(restored.checkpoint())).toBe(JSON.stringify(whole.checkpoint()));
        expect(restored.templates()).toEqual(whole.templates());
      }),
      { seed: 2 },
    );
  });

  it('equal lines have one template in the end, whatever came between', () => {
    fc.assert(
      fc.property(lines, (some) => {
        const miner = new TemplateMiner();
        const first = some.map((one) => miner.add(one));
        const second = some.map((one) => miner.add(one));
        const now = (id: number): number | undefined => miner.templateOf(id)?.id;
        expect(first.map(now)).toEqual(second.map(now));
      }),
      { seed: 3 },
    );
  });

  it('the order does not matter where only values differ', () => {
    const kinds = ['open 1', 'close 1 2', 'put 1 to 2', 'put 1 to 2 and 3', 'done (1)'];
    const some = fc.array(fc.tuple(fc.constantFrom(...kinds), fc.nat()), { maxLength: 60 });
    fc.assert(
      fc.property(some, (pairs) => {
        const text = pairs.map(([kind, n]) => kind.replaceAll(/\d/g, String(n)));
        const forth = mine(text).texts;
        const back = mine([...text].reverse()).texts.reverse();
        expect(back).toEqual(forth);
      }),
      { seed: 4 },
    );
  });
});
