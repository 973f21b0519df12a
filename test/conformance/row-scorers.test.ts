import { describe, expect, it } from 'vitest';
import { createStream } from '../../core/tools/index.ts';
import type { StatePart } from '../../detectors/checkpoint/checkpoint.ts';
import { StateReader } from '../../detectors/checkpoint/state-reader.ts';
import { StateWriter } from '../../detectors/checkpoint/state-writer.ts';
import { createRowScorer, mapRows, type RowScorer, rowScorerNames } from '../../detectors/index.ts';

const columns = 5;

/** Two causes behind four metrics; the fifth is constant. */
function rows(seed: number, count: number): Float64Array {
  const stream = createStream(seed, 'rows');
  const all: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const load = Math.sin(i / 12) + 0.3 * stream.normal();
    const cache = 0.5 * stream.normal();
    const own = () => 0.1 * stream.normal();
    all.push(100 + 20 * (load + own()), load + cache + own(), cache - load + own(), own(), 7);
  }
  return Float64Array.from(all);
}

const ordinary = rows(2, 1).slice();
const broken = Float64Array.of(100, 6, 6, 4, 9);

function fitted(name: string, seed = 1): RowScorer {
  const scorer = createRowScorer(name, { seed });
  scorer.fit(rows(1, 600), columns);
  return scorer;
}

/** State of the scorers that have any to write; the forests of the library have none. */
function stateOf(scorer: RowScorer): (RowScorer & StatePart) | null {
  return 'writeState' in scorer ? (scorer as RowScorer & StatePart) : null;
}

function bytesOf(scorer: StatePart): Buffer {
  const writer = new StateWriter();
  scorer.writeState(writer);
  return Buffer.from(writer.bytes());
}

describe.each(rowScorerNames)('row scorer %s', (name) => {
  it('has no opinion, or says so, before it was fitted', () => {
    let score = Number.NaN;
    try {
      score = createRowScorer(name).score(ordinary);
    } catch (error) {
      expect(String(error)).toContain('before train');
    }
    expect(score).toBeNaN();
  });

  it('gives a score for every row that it was fitted to, of the size of later ones', () => {
    const scorer = createRowScorer(name);
    const healthy = scorer.fit(rows(1, 600), columns).filter((score) => !Number.isNaN(score));
    expect(healthy.length).toBeGreaterThan(200);
    const later = mapRows(rows(3, 200), columns, (row) => scorer.score(row));
    const [most] = healthy.slice().sort().slice(-1);
    const above = later.filter((score) => score > (most as number)).length;
    expect(above / later.length).toBeLessThan(0.1);
  });

  it('puts a broken row above an ordinary one once it lasts', () => {
    const scorer = fitted(name);
    const before = scorer.score(ordinary);
    let after = 0;
    for (let i = 0; i < 12; i += 1) {
      after = Math.max(after, scorer.score(broken));
      scorer.learn?.(broken);
    }
    expect(after).toBeGreaterThan(before);
  });

  it('says the same twice and for the same seed; scoring leaves no trace', () => {
    const [a, b] = [fitted(name), fitted(name)];
    expect(a.score(ordinary)).toBe(a.score(ordinary));
    for (let i = 0; i < 30; i += 1) {
      a.score(broken);
      a.learn?.(ordinary);
      b.learn?.(ordinary);
    }
    expect(a.score(broken)).toBe(b.score(broken));
    const state = stateOf(a);
    if (state) expect(bytesOf(state).equals(bytesOf(stateOf(b) as StatePart))).toBe(true);
  });

  it('takes missing values', () => {
    const scorer = fitted(name);
    const missing = Float64Array.from(ordinary, (value, i) => (i < 2 ? Number.NaN : value));
    scorer.learn?.(missing);
    expect(scorer.score(missing)).not.toBeNaN();
    scorer.learn?.(new Float64Array(columns).fill(Number.NaN));
    expect(scorer.score(ordinary)).not.toBeNaN();
    const holes = rows(1, 300).map((value, i) => (i % 7 === 0 ? Number.NaN : value));
    const other = createRowScorer(name);
    other.fit(holes, columns);
    expect(other.score(ordinary)).not.toBeNaN();
  });

  it('goes on from its state to the byte', () => {
    const going = stateOf(fitted(name));
    if (!going) {
      expect(name).toMatch(/isolation_forest|sub_pca/);
      return;
    }
    for (const row of [ordinary, broken, ordinary]) going.learn?.(row);
    const restored = stateOf(createRowScorer(name)) as RowScorer & StatePart;
    const bytes = bytesOf(going);
    const reader = new StateReader(bytes);
    restored.readState(reader);
    reader.end();
    mapRows(rows(4, 900), columns, (row) => {
      expect(restored.score(row)).toBe(going.score(row));
      restored.learn?.(row);
      going.learn?.(row);
      return 0;
    });
    expect(bytesOf(restored).equals(bytesOf(going))).toBe(true);
  });
});
