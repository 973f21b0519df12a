import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** The chart library's source, which reports carry inside so that they open anywhere. */
export function readPlotly(): string {
  const require = createRequire(import.meta.url);
  return readFileSync(require.resolve('plotly.js-cartesian-dist-min'), 'utf8');
}
