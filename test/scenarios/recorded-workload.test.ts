import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadTopology, withRecordedWorkload } from '../../scenarios/index.ts';

const spec = loadTopology('online_boutique');
const dir = mkdtempSync(join(tmpdir(), 'firedrill-workload-'));

function write(lines: readonly string[]): string {
  const file = join(dir, 'rate.csv');
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

function minute(index: number): string {
  return `1998-06-30 20:${String(index).padStart(2, '0')}:00`;
}

const options = { scale: 'absolute', startMs: -60_000, durationMs: 180_000 } as const;

describe('a recorded workload', () => {
  const rising = write([
    'period,count',
    ...[60, 120, 600, 540, 660, 60].map((count, i) => `${minute(i)},${count}`),
  ]);

  it('takes the busiest window of the run’s length', () => {
    const { spec: driven, report } = withRecordedWorkload(spec, { ...options, file: rising });
    expect(report).toEqual({
      from: minute(2),
      minutes: 3,
      interpolated: [],
      meanPerSec: 10,
      factor: 1,
    });
    expect(driven.workload.recording).toEqual({
      startMs: -30_000,
      stepMs: 60_000,
      requestsPerSec: [10, 9, 11],
    });
    expect(spec.workload.recording).toBeNull();
  });

  it('starts where it is told to, and nowhere else', () => {
    const from = (text: string): unknown =>
      withRecordedWorkload(spec, { ...options, file: rising, from: text }).report.from;
    expect(from(minute(1))).toBe(minute(1));
    expect(from('1998-06-30T20:01')).toBe(minute(1));
    expect(() => from(minute(4))).toThrow(
      `must start at a minute from ${minute(0)} to ${minute(3)}`,
    );
    expect(() => from('yesterday')).toThrow(/got "yesterday"/);
  });

  it('scales to the overlay’s mean', () => {
    const { spec: driven, report } = withRecordedWorkload(spec, {
      ...options,
      file: rising,
      scale: 'mean',
    });
    const rates = driven.workload.recording?.requestsPerSec ?? [];
    expect(rates.reduce((sum, rate) => sum + rate, 0) / rates.length).toBeCloseTo(120, 9);
    expect(report).toMatchObject({ meanPerSec: 10, factor: 12 });
  });

  it('draws a straight line over missing minutes and names them', () => {
    const file = write(['period,count', `${minute(0)},60`, `${minute(3)},240`, `${minute(4)},60`]);
    const { spec: driven, report } = withRecordedWorkload(spec, {
      ...options,
      durationMs: 300_000,
      file,
    });
    expect(driven.workload.recording?.requestsPerSec).toEqual([1, 2, 3, 4, 1]);
    expect(report.interpolated).toEqual([minute(1), minute(2)]);
  });

  it.each([
    [
      'another header',
      ['time,count'],
      /rate\.csv:1:1: expected the header "period,count", got "time,count"/,
    ],
    ['no line', ['period,count'], /rate\.csv:2:1: expected at least one minute/],
    [
      'a broken minute',
      ['period,count', '1998-06-30 20:00:30,5'],
      /rate\.csv:2:1: expected a minute as/,
    ],
    [
      'a broken count',
      ['period,count', `${minute(0)},5`, `${minute(1)},-5`],
      /rate\.csv:3:21: expected a count of at least 0, got "-5"/,
    ],
    [
      'a line twice',
      ['period,count', `${minute(0)},5`, `${minute(0)},5`],
      /rate\.csv:3:1: expected a later minute/,
    ],
    [
      'a wrong year',
      ['period,count', `${minute(0)},5`, '2998-06-30 20:01:00,5'],
      /rate\.csv:3:1: expected a recording of less than ten years/,
    ],
    [
      'too few minutes',
      ['period,count', `${minute(0)},5`],
      /the run needs 3 minutes, the recording has 1/,
    ],
  ])('refuses %s', (_, lines, message) => {
    const file = write(lines);
    expect(() => withRecordedWorkload(spec, { ...options, file })).toThrow(message);
  });

  const data = process.env.FIREDRILL_DATA;
  it.skipIf(!data)('finds the gaps of the World Cup recording (needs FIREDRILL_DATA)', () => {
    const file = join(data ?? '', 'worldcup98/invocation_count.csv');
    const { report } = withRecordedWorkload(spec, {
      ...options,
      scale: 'mean',
      file,
      durationMs: 125_310 * 60_000,
    });
    expect(report.interpolated).toHaveLength(10);
    expect(report.from).toBe('1998-04-30 21:30:00');
  });
});
