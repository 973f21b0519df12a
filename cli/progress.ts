import { formatDuration } from '../core/tools/index.ts';

const barWidth = 28;
const quietMs = 1000;
const redrawMs = 100;

/** A progress line on stderr with the time left; silent when stderr is no terminal or it is over in a second. */
export class Progress {
  readonly #label: string;
  readonly #startedMs = performance.now();
  readonly #visible = process.stderr.isTTY === true;
  #drawnMs = 0;

  constructor(label: string) {
    this.#label = label;
  }

  /** `share` is 0 to 1. */
  update(share: number, detail = ''): void {
    const nowMs = performance.now();
    const elapsedMs = nowMs - this.#startedMs;
    if (!this.#visible || elapsedMs < quietMs || nowMs - this.#drawnMs < redrawMs) return;
    this.#drawnMs = nowMs;
    const full = Math.round(Math.min(1, share) * barWidth);
    const bar = '█'.repeat(full) + '░'.repeat(barWidth - full);
    const left = share > 0.02 ? `, ${formatDuration((elapsedMs * (1 - share)) / share)} left` : '';
    process.stderr.write(
      `\r\u001b[2K${this.#label} ${bar} ${Math.floor(share * 100)} %${left} ${detail}`,
    );
  }

  done(): void {
    if (this.#visible && this.#drawnMs > 0) process.stderr.write('\r\u001b[2K');
  }
}

/** Lets signals and timers in; virtual time knows nothing of it. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
