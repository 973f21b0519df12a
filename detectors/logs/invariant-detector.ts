import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { poissonSurprise } from '../tails/poisson-surprise.ts';
import { type CountRow, CountRows, mostFrequent, renamed, rowsByService } from './count-rows.ts';
import { type LogAnomaly, type LogDetector, type LogWindow, logThreshold } from './log-detector.ts';
import { ServiceStates } from './service-states.ts';

/**
 * Windows in a block: what begins in one window ends in the next, so whole minutes are compared.
 */
const blockWindows = 4;
/** Blocks remembered (two hours), those before there is an opinion, and new ones per mining. */
const blocksMax = 120;
const blocksMin = 40;
const mineAfter = 20;
/** Templates among which invariants are looked for, and lines per block that each must have. */
const templatesMax = 24;
const linesMin = 2;
/** An invariant holds in this share of blocks (Lou et al.), within one line or this share. */
const support = 0.98;
const tolerance = 0.05;
/** It must be this much tighter than independent counts would be. */
const tightness = 0.4;
/** Factors are whole numbers up to this. */
const factorMax = 3;
const invariantsMax = 64;

/** Sum of factor × count over the terms is about 0. */
interface Invariant {
  readonly terms: readonly (readonly [template: number, factor: number])[];
  /** Mean square of the sum. */
  readonly variance: number;
}

interface Service {
  readonly blocks: CountRows;
  /** The windows of the block that is being filled. */
  open: CountRow[];
  invariants: readonly Invariant[];
  blocksSinceMining: number;
}

/**
 * Mines linear invariants between the template counts of a service (Lou et al., USENIX ATC 2010):
 * `a` opened = `b` closed, or requests = answers + failures, and alarms when one is broken by more
 * lines than it ever lets slip. Instead of a null space: pairs and triples with factors up to 3
 * that hold in 98 % of two hours of minutes. Deaf to relations between services, and to those of
 * rare lines. At most 64 invariants of 24 templates; mining is O(24³ × 120) every 20 minutes.
 */
export class InvariantDetector implements LogDetector {
  readonly name = 'log_invariants';
  readonly threshold: number;
  readonly #services = new ServiceStates<Service>({
    create: () => {
      return { blocks: new CountRows(blocksMax), open: [], invariants: [], blocksSinceMining: 0 };
    },
    write: (writer, { blocks, open, invariants, blocksSinceMining }) => {
      blocks.writeState(writer);
      writer.plain({ open, invariants, blocksSinceMining });
    },
    read: (reader, service) => {
      service.blocks.readState(reader);
      Object.assign(service, reader.plain<Omit<Service, 'blocks'>>());
    },
  });

  constructor({ threshold = logThreshold }: { readonly threshold?: number } = {}) {
    this.threshold = threshold;
  }

  score(window: LogWindow): readonly LogAnomaly[] {
    const rows = rowsByService(window);
    return [...this.#services].flatMap(([service, { open, invariants }]) => {
      if (open.length + 1 < blockWindows) return [];
      const block = new Map(joined([...open, rows.get(service) ?? []], window));
      return invariants.flatMap(({ terms, variance }) => {
        const off = sumOf(terms, block);
        const score = poissonSurprise(Math.abs(off), Math.max(0.3, variance));
        if (Math.abs(off) <= variance || score < this.threshold) return [];
        // The side that has too few lines, or else too many, is told by its first term.
        const [template, factor] = terms[0] as readonly [number, number];
        const count = block.get(template) ?? 0;
        return [{ service, template, score, count, expected: count - off / factor }];
      });
    });
  }

  learn(window: LogWindow): void {
    const rows = rowsByService(window);
    for (const name of rows.keys()) this.#services.of(name);
    for (const [name, service] of this.#services) {
      if (service.blocks.follow(window.current)) service.invariants = mine(service.blocks.rows);
      service.open.push(rows.get(name) ?? []);
      if (service.open.length < blockWindows) continue;
      service.blocks.push(joined(service.open, window));
      service.open = [];
      service.blocksSinceMining += 1;
      if (service.blocks.rows.length < blocksMin || service.blocksSinceMining < mineAfter) continue;
      service.invariants = mine(service.blocks.rows);
      service.blocksSinceMining = 0;
    }
  }

  writeState(writer: StateWriter): void {
    this.#services.writeState(writer);
  }

  readState(reader: StateReader): void {
    this.#services.readState(reader);
  }
}

function joined(rows: readonly CountRow[], { current }: LogWindow): CountRow {
  return renamed(rows.flat(), current);
}

function sumOf(terms: Invariant['terms'], counts: ReadonlyMap<number, number>): number {
  return terms.reduce((sum, [template, factor]) => sum + factor * (counts.get(template) ?? 0), 0);
}

/** The invariants of these blocks; of triples only those that hold no pair. */
function mine(rows: readonly CountRow[]): Invariant[] {
  const blocks = rows.map((row) => new Map(row));
  const mean = (template: number): number =>
    blocks.reduce((sum, block) => sum + (block.get(template) ?? 0), 0) / blocks.length;
  const templates = mostFrequent(rows, templatesMax).filter((one) => mean(one) >= linesMin);
  const found: Invariant[] = [];
  const paired = new Set<number>();
  const add = (terms: Invariant['terms']): boolean => {
    const invariant = check(terms, blocks, mean);
    if (invariant !== null && found.length < invariantsMax) found.push(invariant);
    return invariant !== null;
  };
  templates.forEach((one, i) => {
    for (const other of templates.slice(i + 1)) {
      const factors = factorsFor(mean(other) / mean(one));
      if (
        factors === null ||
        !add([
          [one, factors[0]],
          [other, -factors[1]],
        ])
      )
        continue;
      paired.add(other);
    }
  });
  const free = templates.filter((template) => !paired.has(template));
  for (const whole of free) {
    free.forEach((one, i) => {
      for (const other of free.slice(i + 1)) {
        if (one === whole || other === whole) continue;
        const off = Math.abs(mean(whole) - mean(one) - mean(other));
        if (off > tolerance * mean(whole)) continue;
        add([
          [whole, 1],
          [one, -1],
          [other, -1],
        ]);
      }
    });
  }
  return found;
}

/** Small whole factors a and b with a × one = b × other where other / one is this ratio. */
function factorsFor(ratio: number): readonly [number, number] | null {
  for (let b = 1; b <= factorMax; b += 1) {
    const a = Math.round(ratio * b);
    if (a >= 1 && a <= factorMax && Math.abs(ratio * b - a) <= tolerance * a) return [a, b];
  }
  return null;
}

/** The invariant, if it holds and is no accident of steady counts. */
function check(
  terms: Invariant['terms'],
  blocks: readonly ReadonlyMap<number, number>[],
  mean: (template: number) => number,
): Invariant | null {
  let holds = 0;
  let squares = 0;
  for (const block of blocks) {
    const off = Math.abs(sumOf(terms, block));
    const size = terms.reduce((sum, [one, f]) => sum + Math.abs(f) * (block.get(one) ?? 0), 0) / 2;
    if (off <= Math.max(1, tolerance * size)) holds += 1;
    squares += off * off;
  }
  const variance = squares / blocks.length;
  // Independent Poisson counts would give this much.
  const byChance = terms.reduce((sum, [template, f]) => sum + f * f * mean(template), 0);
  const isTight = variance <= tightness * tightness * byChance;
  return holds >= support * blocks.length && isTight ? { terms, variance } : null;
}
