import { hashText } from '../../core/tools/index.ts';
import { memoryStepBytes } from './noise.ts';

const pageBytes = 4096;

/** How a runtime's memory moves; services differ in it as languages do. */
export interface Habit {
  /** Scrapes for which it stays where it is. */
  readonly hold: number;
  /** It also moves by a page or so from scrape to scrape. */
  readonly jitters: boolean;
  /** It gives back as well as takes; otherwise it rests and rises for a while. */
  readonly isSymmetric: boolean;
}

/** The habit of a service. */
export function habitOf(service: string): Habit {
  const hash = hashText(`memory ${service}`);
  return {
    hold: hash % 3 === 0 ? 2 : 1,
    jitters: (hash >>> 4) % 4 !== 0,
    isSymmetric: (hash >>> 8) % 2 === 0,
  };
}

/** By how many bytes a working set is off its rest: some allocator steps, give or take a page. */
export function movedBytes(moves: number, isSymmetric: boolean, page: number): number {
  const steps = Math.round(isSymmetric ? moves : Math.max(0, moves));
  return steps * memoryStepBytes + page * pageBytes;
}

/** Bytes that are asked for come in the allocator's steps. */
export function atRestBytes(bytes: number): number {
  return Math.round(bytes / memoryStepBytes) * memoryStepBytes;
}
