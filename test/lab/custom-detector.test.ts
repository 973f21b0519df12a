import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Detector, MetricsFrame } from '../../core/observable/index.ts';
import { shippedPolicyUrl } from '../../healers/index.ts';
import { ownContestant } from '../../lab/benchmarks/multivariate/own-contestant.ts';
import {
  checkDetector,
  hashDetectorFile,
  isDetectorFile,
  isVoid,
  loadDetector,
  loadPointDetector,
  runTrials,
} from '../../lab/index.ts';
import { withoutFault, writeScenario } from '../cli/firedrill.ts';
import { SyntheticShop } from '../detectors/synthetic-cluster.ts';
import { moduleFolder as folder, moduleFile } from './module-file.ts';

const example = 'docs/examples/drop-detector.ts';
/** A module whose detector does what is given, and nothing else. */
function detectorModule({
  score = '',
  learn = '',
  more = '',
}: {
  score?: string;
  learn?: string;
  more?: string;
}): string {
  return moduleFile(`
let seen = 0;
export const createDetector = (name: string) => ({
  name,
  threshold: 1,
  score(frame: { values: Float64Array }) {
    const empty = () => new Float64Array(frame.values.length);
    const found = { scores: empty(), expected: empty(), zScores: empty() };
    ${score}
    return found;
  },
  learn(frame: { values: Float64Array }) { ${learn} },
  ${more}
});
`);
}

async function play(detector: Detector, scrapes: number): Promise<MetricsFrame> {
  const shop = new SyntheticShop(3);
  for (let i = 0; i < scrapes; i += 1) {
    const frame = shop.frame(i);
    detector.score(frame);
    detector.learn(frame);
  }
  return shop.frame(scrapes);
}

describe('a detector of the user', () => {
  it('is told from a name by being a path', () => {
    expect(['default', 'robust_z'].map(isDetectorFile)).toEqual([false, false]);
    const files = ['./mine.ts', 'mine.ts', '../x/mine.mjs', 'C:\\mine.js', './mine'];
    expect(files.map(isDetectorFile)).toEqual(files.map(() => true));
  });

  it('loads the example of the guide, which keeps the contract and finds drops', async () => {
    const checks = await checkDetector(() => loadDetector(example, { seed: 1 }));
    expect(checks.filter(({ problem }) => problem !== null)).toEqual([]);
    const detector = await loadDetector(example, { seed: 1 });
    expect(detector.name).toBe('drop-detector');
    const next = await play(detector, 40);
    const values = next.values.slice();
    values[0] = 0.2 * (values[0] as number);
    expect(detector.score(next).scores[0]).toBeLessThan(0.9);
    expect(detector.score({ ...next, values }).scores[0]).toBeGreaterThan(1);
  });

  it('sees the frames as they are, also when series are added', async () => {
    const detector = await loadDetector(
      detectorModule({
        score: `
          const { atMs, index: { series }, values } = frame;
          found.expected[0] = atMs;
          found.expected[1] = series.length;
          found.zScores.set(values);
          found.scores[0] = Number(frame === globalThis.seenFrame);
          globalThis.seenFrame = frame;`,
      }),
      { seed: 1 },
    );
    const frame = new SyntheticShop(3).frame(0);
    const series = [...frame.index.series];
    const first = { ...frame, index: { series } };
    expect(detector.score(first).expected[1]).toBe(series.length);
    // One frame is one object: a detector may keep what it worked out for it.
    expect(detector.score(first).scores[0]).toBe(1);
    series.push({ ...(series[0] as (typeof series)[number]), component: 'service/new' });
    const found = detector.score({ ...first, atMs: 15_000 });
    expect([...found.expected.slice(0, 2)]).toEqual([15_000, series.length]);
    expect(found.zScores).toEqual(frame.values);
    expect(found.scores[0]).toBe(0);
  });

  it('is the one that the guide shows', () => {
    expect(readFileSync('docs/add-a-detector.md', 'utf8')).toContain(
      readFileSync(example, 'utf8').trim(),
    );
  });

  it('may be a default export, and has a point form on frames of one column', async () => {
    const file = moduleFile(
      readFileSync(example, 'utf8').replace(
        'export function createDetector',
        'export default function',
      ),
    );
    const [first, second] = [1, 2].map(await loadPointDetector(file));
    for (let i = 0; i < 30; i += 1) first?.learn(10, i);
    expect(first?.score(1, 30).verdict).toBe('anomaly');
    expect(first?.score(10, 30).verdict).toBe('normal');
    expect(second?.score(1, 30).verdict).toBe('warming_up');
  });

  it('may bring a point form of its own', async () => {
    const file = moduleFile(`export const createPointDetector = ({ seed }) => ({
      threshold: 1,
      score: (value, atMs) => ({ atMs, value, score: value * seed, verdict: 'anomaly' }),
      learn() {},
    });`);
    const make = await loadPointDetector(file);
    expect(make(3).score(2, 0).score).toBe(6);
    await expect(loadDetector(file, { seed: 1 })).rejects.toThrow(
      'expected an export createDetector, got createPointDetector',
    );
  });

  it.skipIf(!process.env.FIREDRILL_FULL)(
    'is loaded by workers, and stands in the replay line (needs FIREDRILL_FULL)',
    async () => {
      const digest = hashDetectorFile(example);
      const policy = { file: 'default', text: readFileSync(shippedPolicyUrl('default'), 'utf8') };
      const [result] = await runTrials(
        [
          {
            scenario: writeScenario(folder, 'short', withoutFault),
            seed: 3,
            detector: example,
            localizer: 'combined',
            healer: 'none',
            policy,
            manifestsDir: null,
            workload: null,
            oracle: false,
            inputHashes: { 'detector file': digest },
          },
        ],
        { jobs: 1 },
      );
      expect(result && !isVoid(result) && result.scorecard.replay).toContain(
        `--detector ${example} --healer none --expect-input 'detector file=${digest}'`,
      );
    },
  );

  it('takes part in the multivariate benchmark, its train setting the threshold', async () => {
    const train = new Float64Array(300).fill(10);
    const test = train.slice();
    test.fill(2, 30, 33);
    const rows = await ownContestant(example).score({ name: 'e', train, test, columns: 3 });
    expect(rows.threshold).toBe(0);
    expect(rows.test.findIndex((score) => score > 1)).toBe(10);
    expect(rows.test.filter((score) => score > 0)).toHaveLength(1);
  });
});

describe('what a detector of the user does wrong', () => {
  it.each([
    ['./none.ts', undefined, /cannot read the detector file .*none\.ts: there is nothing/],
    ['an import that is not there', "import './other.ts';", /other\.ts \(imported by .*mine-/],
    ['a mistake of syntax', 'export const a = 1;\nexport const = 2;\n', /mine-\d+\.ts.*loading it/],
    ['no export', 'export const make = 1;', /expected an export createDetector, got make/],
    ['no function', 'export const createDetector = 1;', /expected createDetector to be a function/],
    ['no threshold', 'export const createDetector = () => ({});', /with threshold \(a number\)/],
    [
      'a throw at load',
      "\nthrow new Error('no model');",
      /mine-\d+\.ts:2:\d+: loading it threw Error: no model/,
    ],
  ])('%s', async (name, text, message) => {
    const file = text === undefined ? name : moduleFile(text);
    await expect(loadDetector(file, { seed: 1 })).rejects.toThrow(message);
    await expect(loadDetector(file, { seed: 1 })).rejects.toHaveProperty('exitCode', 2);
  });

  it.each([
    ['a score of the wrong length', 'found.scores = new Float64Array(3);', /of \d+, got 3 entries/],
    [
      'a plain array',
      'found.expected = [...found.expected];',
      /expected as a Float64Array .* Array/,
    ],
    ['no result', 'return undefined;', /scores as a Float64Array of \d+, got undefined/],
    [
      'a throw',
      "throw new RangeError('oh');",
      /mine-\d+\.ts:\d+:\d+: score at 0 ms threw RangeErr/,
    ],
    ['a changed frame', 'frame.values[2] = 7;', /score changed value 2 of the frame/],
    ['learning while it scores', 'found.scores[0] = seen += 1;', /gave 32 and then 33 for one/],
  ])('%s', async (_, score, message) => {
    const detector = await loadDetector(detectorModule({ score }), { seed: 1 });
    await expect(play(detector, 40)).rejects.toThrow(message);
  });

  it.each([
    'frame.atMs = 0;',
    'frame.values = frame.values.slice();',
    'frame.index = { series: [] };',
    'frame.index.series = [];',
    'frame.index.series.length = 0;',
    'frame.index.series.push({});',
    "frame.index.series[0].component = 'service/x';",
    "frame.index.series[0].labels.service = 'x';",
  ])('%s', async (score) => {
    const detector = await loadDetector(detectorModule({ score }), { seed: 1 });
    await expect(play(detector, 1)).rejects.toThrow(
      /mine-\d+\.ts:\d+:\d+: score at 0 ms threw TypeError/,
    );
  });

  it('a frame changed by learn', async () => {
    const file = detectorModule({ learn: 'frame.values.fill(0);' });
    await expect(play(await loadDetector(file, { seed: 1 }), 2)).rejects.toThrow(
      'learn changed value 0',
    );
  });

  it.each([
    [
      "save() { throw new Error('full'); }, restore() {},",
      /mine-\d+\.ts:\d+:\d+: save threw Error: full/,
    ],
    ["save: () => 'text', restore() {},", /mine-\d+\.ts: save: expected a Uint8Array, got text/],
    ['save() {}, restore() {},', /save: expected a Uint8Array, got undefined/],
    [
      "save: () => new Uint8Array(3), restore() { throw new Error('short'); },",
      /mine-\d+\.ts:\d+:\d+: restore threw Error: short/,
    ],
  ])('%s', async (more, message) => {
    const detector = await loadDetector(detectorModule({ more }), { seed: 1 });
    const keep = () => detector.restore?.(detector.save?.() as Uint8Array);
    expect(keep).toThrow(message);
    expect(keep).toThrow(expect.objectContaining({ exitCode: 2 }));
  });
});
