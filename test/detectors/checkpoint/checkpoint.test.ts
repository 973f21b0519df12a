import { describe, expect, it } from 'vitest';
import type { Anomaly } from '../../../core/observable/index.ts';
import {
  restoreState,
  type StatePart,
  saveState,
} from '../../../detectors/checkpoint/checkpoint.ts';
import type { StateReader } from '../../../detectors/checkpoint/state-reader.ts';
import type { StateWriter } from '../../../detectors/checkpoint/state-writer.ts';
import { createDetector, findAnomalies, IncidentTracker } from '../../../detectors/index.ts';
import { SyntheticShop, shopTopology } from '../synthetic-cluster.ts';

const id = { kind: 'sample', version: 3, settings: { windowPoints: 8 } };

/** One of every kind of value. */
class Sample implements StatePart {
  values: readonly unknown[] = [
    Number.NaN,
    -0,
    4_000_000_000,
    'Zürich',
    ['a', 'b'],
    Float64Array.of(1, Number.NaN, -0),
    Float32Array.of(0.5),
    Int32Array.of(-1),
    Uint32Array.of(4e9),
    Int16Array.of(-2),
    Uint16Array.of(65_535),
    Int8Array.of(-3),
    Uint8Array.of(255, 0),
    [Float64Array.of(2), new Float64Array(0)],
    { b: [1, 2], a: null },
  ];

  writeState(writer: StateWriter): void {
    const [nan, zero, integer, text, texts, ...rest] = this.values;
    writer.number(nan as number);
    writer.number(zero as number);
    writer.integer(integer as number);
    writer.text(text as string);
    writer.texts(texts as string[]);
    for (const array of rest.slice(0, 8)) writer.array(array as Float64Array);
    writer.arrays(rest[8] as Float64Array[]);
    writer.plain(rest[9]);
  }

  readState(reader: StateReader): void {
    this.values = [
      reader.number(),
      reader.number(),
      reader.integer(),
      reader.text(),
      reader.texts(),
      reader.float64s(),
      reader.float32s(),
      reader.int32s(),
      reader.uint32s(),
      reader.int16s(),
      reader.uint16s(),
      reader.int8s(),
      reader.uint8s(),
      reader.arrays((inner) => inner.float64s()),
      reader.plain(),
    ];
  }
}

class Empty implements StatePart {
  readonly values: unknown[] = [];
  readonly #read: (reader: StateReader) => unknown;

  constructor(read: (reader: StateReader) => unknown) {
    this.#read = read;
  }

  writeState(writer: StateWriter): void {
    writer.array(Float64Array.of(1, 2));
  }

  readState(reader: StateReader): void {
    this.values.push(this.#read(reader));
  }
}

describe('a checkpoint', () => {
  it('gives every kind of value back to the bit', () => {
    const restored = new Sample();
    const { values } = restored;
    const bytes = saveState(id, new Sample());
    restored.values = [];
    restoreState(id, bytes, restored);
    expect(restored.values).toEqual(values);
    expect(Object.is(restored.values[1], -0)).toBe(true);
    expect(saveState(id, restored)).toEqual(bytes);
  });

  it('may stand anywhere in a buffer', () => {
    const bytes = saveState(id, new Sample());
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    restoreState(id, shifted.subarray(3), new Sample());
  });

  it.each([
    ['other bytes', Uint8Array.of(1, 2, 3), id, 'expected a checkpoint, got other bytes'],
    ['nothing', new Uint8Array(0), id, 'expected a checkpoint, got other bytes'],
    ['another kind', null, { ...id, kind: 'robust_z' }, 'expected of robust_z, got of sample'],
    ['another version', null, { ...id, version: 4 }, 'sample: version: expected 4, got 3'],
    [
      'other settings',
      null,
      { ...id, settings: { windowPoints: 9 } },
      'settings: expected {"windowPoints":9}, got {"windowPoints":8}',
    ],
  ])('refuses %s', (_, bytes, wanted, message) => {
    const given = bytes ?? saveState(id, new Sample());
    expect(() => restoreState(wanted, given, new Sample())).toThrow(message);
  });

  it('refuses any changed or missing byte', () => {
    const bytes = saveState(id, new Sample());
    for (let at = 60; at < bytes.length; at += 37) {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] as number) ^ 1;
      expect(() => restoreState(id, damaged, new Sample()), `byte ${at}`).toThrow('is damaged');
    }
    expect(() => restoreState(id, bytes.subarray(0, -1), new Sample())).toThrow('is damaged');
  });

  it('refuses to be read as something else', () => {
    const bytes = saveState(id, new Empty(() => 0));
    const read = (how: (reader: StateReader) => unknown) => () =>
      restoreState(id, bytes, new Empty(how));
    expect(read((reader) => reader.text())).toThrow('expected text, got Float64Array');
    expect(read((reader) => [reader.float64s(), reader.number()])).toThrow('got its end');
    expect(read(() => 0)).toThrow('bytes more than expected');
  });
});

describe('the default stack', () => {
  it('refuses to go on with other columns', () => {
    const frame = new SyntheticShop(3).frame(0);
    const [going, restored] = [createDetector('default'), createDetector('default')];
    going.learn(frame);
    restored.restore?.(going.save?.() as Uint8Array);
    const { series } = frame.index;
    const swapped = {
      ...frame,
      index: { series: [series[1] ?? series[0], series[0], ...series.slice(2)] },
    };
    expect(() => restored.score(swapped as typeof frame)).toThrow('checkpoint: expected column 0');
  });
});

describe('incidents', () => {
  const broken = (scrape: number, state: { userErrorRatio: { value: number } }): void => {
    if (scrape >= 130) state.userErrorRatio.value = 0.4;
  };

  it('go on after a restore in the middle of one', () => {
    const shop = new SyntheticShop(3, broken);
    const detector = createDetector('default');
    const frames = Array.from({ length: 180 }, (_, i) => shop.frame(i));
    const found: Anomaly[][] = frames.map((frame) => {
      const anomalies = findAnomalies(detector, frame);
      detector.learn(frame);
      return anomalies;
    });
    const going = new IncidentTracker(shopTopology);
    const step = (tracker: IncidentTracker, i: number): unknown =>
      tracker.observe(
        (frames[i] as (typeof frames)[number]).atMs,
        found[i] as Anomaly[],
        frames[i] as (typeof frames)[number],
      );
    let opened = 0;
    for (let i = 0; i < 134; i += 1) opened += (step(going, i) as unknown[]).length;
    expect(opened).toBeGreaterThan(0);
    const restored = new IncidentTracker(shopTopology);
    restored.restore(going.save());
    expect(restored.save()).toEqual(going.save());
    for (let i = 134; i < 180; i += 1) expect(step(restored, i)).toEqual(step(going, i));
  });
});
