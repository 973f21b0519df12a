/** What programs may rely on in the JSON of every benchmark, as docs/benchmarks.md says. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { BenchmarkReport } from '../../../lab/index.ts';

const page = readFileSync(new URL('../../../docs/benchmarks.md', import.meta.url), 'utf8');

/** The score names of a benchmark as the page lists them. */
function documentedScores(benchmark: string): string[] {
  const row = page.split('\n').find((line) => line.startsWith(`| ${benchmark} `));
  return [...(row?.split('|')[2] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name as string);
}

export function expectBenchmarkReport(report: BenchmarkReport): void {
  expect(JSON.parse(JSON.stringify(report)), 'nothing is lost in JSON').toEqual(report);
  const { benchmark, rows, entities } = report;
  expect(benchmark).toMatch(/^[a-z]+$/);
  const ours = rows.filter(({ name }) => name === report.default);
  expect(ours.map(({ kind }) => kind)).toContain('ours');
  const keys = Object.keys(ours[0]?.scores ?? {});
  expect([...keys].sort()).toEqual(documentedScores(benchmark).sort());
  for (const row of rows) {
    expect(['ours', 'baseline', 'published'], row.name).toContain(row.kind);
    expect(Object.keys(row.scores), row.name).toEqual(keys);
    expectScores(row);
  }
  const names = new Set(rows.map(({ name }) => name));
  expect(entities.length).toBeGreaterThan(0);
  for (const entity of entities) {
    expect(names, entity.name).toContain(entity.row);
    expect(keys, entity.name).toEqual(expect.arrayContaining(Object.keys(entity.scores)));
    expectScores(entity);
  }
}

function expectScores({
  name,
  scores,
  n,
}: Pick<BenchmarkReport['rows'][number], 'name' | 'scores' | 'n'>): void {
  expect(Number.isInteger(n) && n >= 0, `${name}: n = ${n}`).toBe(true);
  for (const [key, value] of Object.entries(scores)) {
    expect(value === null || Number.isFinite(value), `${name}: ${key} = ${value}`).toBe(true);
  }
}
