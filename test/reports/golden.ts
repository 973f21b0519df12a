import { expectGolden as expectGoldenFile } from '../golden.ts';

/** Compares text with its file below test/golden/reports/. */
export function expectGolden(name: string, text: string): void {
  expectGoldenFile(`reports/${name}`, text);
}
