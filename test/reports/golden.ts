import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';

const folder = join(import.meta.dirname, '../golden/reports');

/** Compares text with its golden file; `UPDATE_GOLDEN=1` writes the file instead. */
export function expectGolden(name: string, text: string): void {
  const path = join(folder, name);
  if (process.env.UPDATE_GOLDEN === '1') {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, text);
  }
  expect(
    existsSync(path),
    `${name} is missing: run the test with UPDATE_GOLDEN=1 and look at it`,
  ).toBe(true);
  expect(text).toBe(readFileSync(path, 'utf8'));
}
