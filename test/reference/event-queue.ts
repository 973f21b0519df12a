/** Events in order of time: a binary heap on typed arrays; two whole numbers ride along. */
export class EventQueue {
  #size = 0;
  #atMs = new Float64Array(1024);
  #first = new Int32Array(1024);
  #second = new Int32Array(1024);
  /** The event taken last. */
  atMs: number = 0;
  first: number = 0;
  second: number = 0;

  push(atMs: number, first: number, second: number): void {
    if (this.#size === this.#atMs.length) this.#grow();
    const at = this.#atMs;
    const firsts = this.#first;
    const seconds = this.#second;
    let hole = this.#size;
    this.#size += 1;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (at[parent]! <= atMs) break;
      at[hole] = at[parent]!;
      firsts[hole] = firsts[parent]!;
      seconds[hole] = seconds[parent]!;
      hole = parent;
    }
    at[hole] = atMs;
    firsts[hole] = first;
    seconds[hole] = second;
  }

  /** Moves the earliest event into `atMs`, `first` and `second`; false when there is none. */
  take(): boolean {
    if (this.#size === 0) return false;
    const at = this.#atMs;
    const firsts = this.#first;
    const seconds = this.#second;
    this.atMs = at[0]!;
    this.first = firsts[0]!;
    this.second = seconds[0]!;
    this.#size -= 1;
    const size = this.#size;
    const lastMs = at[size]!;
    let hole = 0;
    for (let child = 1; child < size; child = 2 * hole + 1) {
      if (child + 1 < size && at[child + 1]! < at[child]!) child += 1;
      if (at[child]! >= lastMs) break;
      at[hole] = at[child]!;
      firsts[hole] = firsts[child]!;
      seconds[hole] = seconds[child]!;
      hole = child;
    }
    at[hole] = lastMs;
    firsts[hole] = firsts[size]!;
    seconds[hole] = seconds[size]!;
    return true;
  }

  #grow(): void {
    const length = 2 * this.#atMs.length;
    const atMs = new Float64Array(length);
    const first = new Int32Array(length);
    const second = new Int32Array(length);
    atMs.set(this.#atMs);
    first.set(this.#first);
    second.set(this.#second);
    this.#atMs = atMs;
    this.#first = first;
    this.#second = second;
  }
}
