import { formatDuration } from '../core/tools/index.ts';

const barWidth = 28;
const quietMs = 1000;
const redrawMs = 100;
/** Without a terminal: a line for every tenth, and not more often than this. */
const lineMs = 5000;
const lineShare = 0.1;

/**
 * Progress with the time left, on stderr: a bar on a terminal once it takes over a second,
 * otherwise a short line now and then.
 */
export class Progress {
  readonly #label: string;
  readonly #startShare: number;
  readonly #startedMs = performance.now();
  readonly #isTerminal = process.stderr.isTTY === true;
  #shownMs: number;
  #shownShare: number;

  /** `startShare` was done before, 0 to 1; the time left is reckoned from the rest. */
  constructor(label: string, startShare = 0) {
    this.#label = label;
    this.#startShare = startShare;
    this.#shownShare = startShare;
    this.#shownMs = this.#startedMs;
  }

  /** `share` is 0 to 1. */
  update(share: number, detail = ''): void {
    const nowMs = performance.now();
    if (this.#isTerminal) this.#draw(share, nowMs, detail);
    else this.#say(share, nowMs);
  }

  done(): void {
    if (this.#isTerminal) process.stderr.write('\r\u001b[2K');
  }

  #draw(share: number, nowMs: number, detail: string): void {
    if (nowMs - this.#startedMs < quietMs || nowMs - this.#shownMs < redrawMs) return;
    this.#shownMs = nowMs;
    const full = Math.round(Math.min(1, share) * barWidth);
    const bar = '█'.repeat(full) + '░'.repeat(barWidth - full);
    const line = `${this.#label} ${bar} ${this.#figures(share, nowMs)} ${detail}`;
    process.stderr.write(`\r\u001b[2K${line.slice(0, (process.stderr.columns ?? 80) - 1)}`);
  }

  #say(share: number, nowMs: number): void {
    if (nowMs - this.#shownMs < lineMs || share - this.#shownShare < lineShare) return;
    this.#shownMs = nowMs;
    this.#shownShare = share;
    process.stderr.write(`${this.#label}: ${this.#figures(share, nowMs)}\n`);
  }

  #figures(share: number, nowMs: number): string {
    const fresh = share - this.#startShare;
    const leftMs = ((nowMs - this.#startedMs) * (1 - share)) / fresh;
    return `${Math.floor(share * 100)} %${fresh > 0.02 ? `, ${formatDuration(leftMs)} left` : ''}`;
  }
}
