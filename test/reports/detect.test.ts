import { describe, expect, it } from 'vitest';
import { renderDetectHtml, renderDetectTable } from '../../reports/index.ts';
import { fixtureDetection } from './detect-fixture.ts';

const plain = { color: false, width: 200 };

describe('what detect found', () => {
  it('is a line per incident', () => {
    const { report } = fixtureDetection();
    expect(renderDetectTable(report, plain)).toBe(
      [
        'exports/series.csv  2 series, 120 instants from 2026-03-01T00:00:00Z to 2026-03-01T01:59:00Z, one in 1 m',
        '',
        '  opened                lasted      severity  where         what',
        '  2026-03-01T01:00:00Z  15 m, open  warning   service/shop  ' +
          'queue{service/shop} 100, expected 20; latency{service/shop} 99, expected 20; ' +
          'errors{service/shop} 98, expecte…',
        '',
      ].join('\n'),
    );
  });

  it('may be nothing, and nothing new', () => {
    const { report } = fixtureDetection();
    const quiet = { ...report, incidents: [], frames: 0, framesSkipped: 120 };
    expect(renderDetectTable(quiet, plain)).toBe(
      'exports/series.csv  2 series, nothing new; 120 were seen before\n\nno incidents\n',
    );
    expect(renderDetectHtml(quiet, [], { plotly: '' })).toContain('<p>None.</p>');
  });

  it('is a page whose texts are escaped', () => {
    const { report, curves } = fixtureDetection();
    const nasty = { ...report, file: '<img src=x onerror=alert(1)>.csv' };
    const page = renderDetectHtml(nasty, curves, { plotly: '' });
    expect(page).not.toContain('<img');
    expect(page).toContain('queue{service/shop} 100, expected 20');
    expect(page).toContain('and 1 more');
  });
});
