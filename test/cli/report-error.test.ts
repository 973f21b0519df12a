import { describe, expect, it } from 'vitest';
import { reportError } from '../../cli/report-error.ts';
import {
  DigestMismatchError,
  InputError,
  InvariantError,
  UsageError,
} from '../../core/tools/index.ts';
import { InterruptedError } from '../../lab/index.ts';

const position = { file: 'mine.yaml', line: 3, column: 7 };

describe('reportError', () => {
  it.each([
    [new UsageError('which one?', 'take this'), 2, 'firedrill: which one?\n  take this\n'],
    [new InputError('too late', { position }), 2, 'firedrill: mine.yaml:3:7: too late\n'],
    [new DigestMismatchError('differs'), 4, 'firedrill: differs\n'],
    [
      new InterruptedError(),
      130,
      'firedrill: interrupted; faults were rolled back and nothing was written\n',
    ],
  ] as const)('%s', (error, exitCode, text) => {
    expect(reportError(error)).toEqual({ exitCode, text });
  });

  it.each([new InvariantError('no pod'), new TypeError('no pod')])(
    'shows the stack of our own bugs only: %s',
    (error) => {
      const report = reportError(error);
      expect(report.exitCode).toBe(3);
      expect(report.text).toContain('this is a bug in Firedrill');
      expect(report.text).toContain('no pod\n    at ');
    },
  );
});
