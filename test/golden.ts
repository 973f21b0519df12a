import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';

/** Compares text with its file below test/golden/; `UPDATE_GOLDEN=1` writes the file instead. */
export function expectGolden(name: string, text: string): void {
  const path = join(import.meta.dirname, 'golden', name);
  if (process.env.UPDATE_GOLDEN === '1') {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const advice = `${name} is missing: run the test with UPDATE_GOLDEN=1 and look at it`;
  expect(existsSync(path), advice).toBe(true);
  expect(text).toBe(readFileSync(path, 'utf8'));
}
