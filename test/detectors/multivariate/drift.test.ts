import { describe, expect, it } from 'vitest';
import { createStream } from '../../../core/tools/index.ts';
import { Adwin } from '../../../detectors/multivariate/adwin.ts';
import { FusedRows } from '../../../detectors/multivariate/fused-rows.ts';
import { readModelFile, renderModelFile } from '../../../detectors/multivariate/model-file.ts';
import { RetrainOnDrift } from '../../../detectors/multivariate/retrain-on-drift.ts';
import { mapRows } from '../../../detectors/multivariate/row-model.ts';

describe('ADWIN', () => {
  it('forgets what was before a change of the mean, and keeps its mean exact', () => {
    const stream = createStream(1, 'adwin');
    const adwin = new Adwin();
    const values: number[] = [];
    let cutAt = -1;
    for (let i = 0; i < 3000; i += 1) {
      const value = (i < 2000 ? 0 : 1) + 0.5 * stream.normal();
      values.push(value);
      if (adwin.add(value) && i >= 2000 && cutAt < 0) cutAt = i;
    }
    expect(cutAt - 2000).toBeLessThan(100);
    expect(adwin.width).toBeLessThan(1100);
    const window = values.slice(-adwin.width);
    const mean = window.reduce((sum, value) => sum + value, 0) / window.length;
    expect(adwin.mean).toBeCloseTo(mean, 9);
  });

  it('does not cut what does not change, in few buckets', () => {
    let cuts = 0;
    for (let seed = 0; seed < 10; seed += 1) {
      const stream = createStream(seed, 'steady');
      const adwin = new Adwin();
      for (let i = 0; i < 5000; i += 1) if (adwin.add(stream.next())) cuts += 1;
      expect(adwin.buckets).toBeLessThan(5 * 12);
    }
    expect(cuts).toBeLessThan(3);
  });
});

const columns = 4;

/** Correlated rows; from `shiftAt` until `endAt` the second column is three deviations higher. */
function rows(seed: number, count: number, shiftAt = count, endAt = count): Float64Array {
  const stream = createStream(seed, 'drifting');
  const all: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const load = stream.normal();
    const moved = i >= shiftAt && i < endAt ? 3 : 0;
    const own = () => 0.3 * stream.normal();
    all.push(load + own(), load + own() + moved, own() - load, own());
  }
  return Float64Array.from(all);
}

function play(model: RetrainOnDrift, data: Float64Array): Float64Array {
  return mapRows(data, columns, (row) => {
    const score = model.score(row);
    model.learn(row);
    return score;
  });
}

const meanOf = (scores: Float64Array): number =>
  scores.reduce((sum, score) => sum + score, 0) / scores.length;

describe('retraining on drift', () => {
  const recentRows = 200;
  const create = (): RetrainOnDrift => new RetrainOnDrift(() => new FusedRows(), { recentRows });

  it('gets used to what stays, without forgetting what was healthy', () => {
    const model = create();
    const healthy = meanOf(model.fit(rows(1, 1200), columns));
    const scores = play(model, rows(2, 1500, 300));
    expect(meanOf(scores.slice(320, 450))).toBeGreaterThan(3 * healthy);
    expect(meanOf(scores.slice(1200))).toBeLessThan(1.6 * healthy);
    expect(model.record.accepted).toBeGreaterThan(0);
    expect(meanOf(play(model, rows(3, 200)))).toBeLessThan(1.6 * healthy);
  });

  it('does not learn a fault that ends while it waits', () => {
    const model = create();
    model.fit(rows(1, 1200), columns);
    play(model, rows(2, 1500, 300, 700));
    const fault = meanOf(play(model, rows(4, 60, 0)));
    expect(fault).toBeGreaterThan(1.5);
    expect(model.record.drifts).toBeGreaterThan(0);
  });

  it('refuses a candidate that is worse on healthy rows', () => {
    // A model of one number, which knows no more than the newest of its rows.
    const forgetful = () => {
      const fused = new FusedRows();
      return {
        fit: (data: Float64Array, width: number) => fused.fit(data.slice(-80 * width), width),
        score: (row: Float64Array) => fused.score(row),
        writeState: fused.writeState.bind(fused),
        readState: fused.readState.bind(fused),
      };
    };
    const model = new RetrainOnDrift(forgetful, { recentRows });
    model.fit(rows(1, 1200), columns);
    play(model, rows(2, 2500, 1000));
    expect(model.record).toMatchObject({ accepted: 0 });
    expect(model.record.refused).toBeGreaterThan(0);
  });
});

describe('model files', () => {
  const facts = {
    model: 'default',
    columns,
    threshold: 2.5,
    train: 'd',
    packageVersion: '0.1.0',
    command: 'npm run benchmark multivariate -- --data d --models m',
  };
  const fitted = new FusedRows();
  fitted.fit(rows(1, 400), columns);
  const text = renderModelFile(facts, fitted);
  const origin = { model: 'default', columns, train: 'd', packageVersion: '0.1.0' };
  const read = (content: string, other: Partial<typeof origin> = {}) => {
    const fresh = new FusedRows();
    return { facts: readModelFile(content, { ...origin, ...other, file: 'a.json' }, fresh), fresh };
  };

  it('give the model back as it was, with what made it', () => {
    const { facts: told, fresh } = read(text);
    expect(told).toEqual(facts);
    const row = Float64Array.of(1, -1, 2, 0);
    expect(fresh.score(row)).toBe(fitted.score(row));
    expect(renderModelFile(facts, fresh)).toBe(text);
  });

  it.each([
    ['other text', 'model', 'a.json: expected a model in JSON, got other text'],
    ['another version', text.replace('"schemaVersion": 1', '"schemaVersion": 2'), 'schemaVersion'],
    ['no state', text.replace('"state"', '"stat"'), 'a.json: not a model of this version: state'],
    [
      'a changed threshold',
      text.replace('2.5', '9.5'),
      'the model was changed since it was written',
    ],
  ])('are refused with %s', (_, content, message) => {
    expect(() => read(content)).toThrow(message);
  });

  it('are refused for another model or width', () => {
    expect(() => read(text, { model: 'ecod' })).toThrow(
      'a.json: model: expected ecod, got default',
    );
    expect(() => read(text, { columns: 9 })).toThrow('a.json: columns: expected 9, got 4');
  });

  it('are passed over when they are of other rows or of another version', () => {
    expect(read(text, { train: 'e' }).facts).toBeNull();
    expect(read(text, { packageVersion: '0.2.0' }).facts).toBeNull();
  });
});
