/** How a replica's CPU serves the requests that are in it. */
export type Discipline =
  /** First come first served by so many servers. */
  | { readonly kind: 'fcfs'; readonly servers: number }
  /** Processor sharing: each request runs on at most one core, all together on at most `cores`. */
  | { readonly kind: 'sharing'; readonly cores: number }
  /**
   * Each request runs on a core of its own until all together have used `cores` · `periodMs` of the
   * period; then nothing runs until the next one starts (a CFS bandwidth limit). With `workers`, at
   * most so many run at once and the others wait for them, first come first served.
   */
  | {
      readonly kind: 'quota';
      readonly cores: number;
      readonly periodMs: number;
      readonly workers?: number;
    };

/** What a station needs of the simulation around it. */
export interface StationHost {
  /** Asks for `wake(now, token)` on this station at an instant. */
  wakeAt(atMs: number, station: number, token: number): void;
  /** Called when a request's CPU work is done. */
  done(request: number): void;
}

export interface Station {
  arrive(nowMs: number, request: number, workMs: number): void;
  wake(nowMs: number, token: number): void;
}

export function createStation(discipline: Discipline, host: StationHost, number: number): Station {
  if (discipline.kind === 'fcfs') return new FcfsStation(host, number, discipline.servers);
  return new SharingStation(host, number, discipline);
}

/**
 * Work and time below this count as none: more than a double's last digit after days of run time.
 */
const roundingMs = 1e-6;

class FcfsStation implements Station {
  readonly #host: StationHost;
  readonly #number: number;
  readonly #servers: number;
  #busy = 0;
  #head = 0;
  #waiting = 0;
  #requests = new Int32Array(64);
  #works = new Float64Array(64);

  constructor(host: StationHost, number: number, servers: number) {
    this.#host = host;
    this.#number = number;
    this.#servers = servers;
  }

  arrive(nowMs: number, request: number, workMs: number): void {
    if (this.#busy < this.#servers) {
      this.#busy += 1;
      this.#host.wakeAt(nowMs + workMs, this.#number, request);
      return;
    }
    if (this.#waiting === this.#requests.length) this.#grow();
    const at = (this.#head + this.#waiting) & (this.#requests.length - 1);
    this.#requests[at] = request;
    this.#works[at] = workMs;
    this.#waiting += 1;
  }

  /** The token is the request whose service ends. */
  wake(nowMs: number, token: number): void {
    if (this.#waiting > 0) {
      const at = this.#head;
      this.#head = (at + 1) & (this.#requests.length - 1);
      this.#waiting -= 1;
      this.#host.wakeAt(nowMs + this.#works[at]!, this.#number, this.#requests[at]!);
    } else this.#busy -= 1;
    this.#host.done(token);
  }

  #grow(): void {
    const length = this.#requests.length;
    const requests = new Int32Array(2 * length);
    const works = new Float64Array(2 * length);
    for (let i = 0; i < length; i += 1) {
      const at = (this.#head + i) & (length - 1);
      requests[i] = this.#requests[at]!;
      works[i] = this.#works[at]!;
    }
    this.#head = 0;
    this.#requests = requests;
    this.#works = works;
  }
}

/**
 * All requests run at one speed, so they end in the order of work done so far plus own work:
 * `#done` counts the work that each has received, and a sorted list of where each will end
 * suffices.
 */
class SharingStation implements Station {
  readonly #host: StationHost;
  readonly #number: number;
  readonly #cores: number;
  readonly #periodMs: number;
  readonly #workers: number;
  /** Requests that wait for a worker, and their work. */
  readonly #queue: number[] = [];
  readonly #queuedWorks: number[] = [];
  readonly #requests: number[] = [];
  /** Latest end first, so that the next one is at the back. */
  readonly #ends: number[] = [];
  #done = 0;
  #knownMs = 0;
  #token = 0;
  #budgetMs = Number.POSITIVE_INFINITY;
  #periodEndMs = Number.POSITIVE_INFINITY;

  constructor(
    host: StationHost,
    number: number,
    discipline: Exclude<Discipline, { kind: 'fcfs' }>,
  ) {
    this.#host = host;
    this.#number = number;
    this.#cores = discipline.cores;
    this.#periodMs = discipline.kind === 'quota' ? discipline.periodMs : 0;
    this.#workers =
      (discipline.kind === 'quota' ? discipline.workers : undefined) ?? Number.POSITIVE_INFINITY;
    if (this.#periodMs > 0) this.#periodEndMs = 0;
  }

  arrive(nowMs: number, request: number, workMs: number): void {
    this.#advance(nowMs);
    if (this.#ends.length >= this.#workers) {
      this.#queue.push(request);
      this.#queuedWorks.push(workMs);
      return;
    }
    this.#start(request, workMs);
    this.#plan(nowMs);
  }

  #start(request: number, workMs: number): void {
    const end = this.#done + workMs;
    let low = 0;
    let high = this.#ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ends[middle]! > end) low = middle + 1;
      else high = middle;
    }
    this.#ends.splice(low, 0, end);
    this.#requests.splice(low, 0, request);
  }

  wake(nowMs: number, token: number): void {
    if (token !== this.#token) return;
    this.#advance(nowMs);
    const finished: number[] = [];
    while (this.#ends.length > 0 && this.#ends.at(-1)! <= this.#done + roundingMs) {
      this.#ends.pop();
      finished.push(this.#requests.pop()!);
    }
    if (this.#ends.length === 0) this.#done = 0;
    while (this.#queue.length > 0 && this.#ends.length < this.#workers) {
      this.#start(this.#queue.shift()!, this.#queuedWorks.shift()!);
    }
    this.#plan(nowMs);
    for (const request of finished) this.#host.done(request);
  }

  /** Core-ms per ms that each request receives. */
  #speed(): number {
    if (this.#periodMs > 0) return this.#budgetMs > 0 ? 1 : 0;
    return Math.min(1, this.#cores / this.#ends.length);
  }

  /** Brings the work done up to date; nothing but time happened since the last call. */
  #advance(nowMs: number): void {
    const count = this.#ends.length;
    if (count > 0) {
      const received = (nowMs - this.#knownMs) * this.#speed();
      this.#done += received;
      if (this.#periodMs > 0) {
        this.#budgetMs -= received * count;
        if (this.#budgetMs < roundingMs) this.#budgetMs = 0;
      }
    }
    this.#knownMs = nowMs;
    if (nowMs >= this.#periodEndMs - roundingMs) {
      const period = Math.floor((nowMs + roundingMs) / this.#periodMs);
      this.#periodEndMs = (period + 1) * this.#periodMs;
      this.#budgetMs = this.#cores * this.#periodMs;
    }
  }

  /** Plans the next instant at which the speed changes or a request ends. */
  #plan(nowMs: number): void {
    this.#token += 1;
    const count = this.#ends.length;
    if (count === 0) return;
    const speed = this.#speed();
    let nextMs = this.#periodEndMs;
    if (speed > 0) {
      nextMs = Math.min(nextMs, nowMs + Math.max(0, this.#ends.at(-1)! - this.#done) / speed);
      nextMs = Math.min(nextMs, nowMs + this.#budgetMs / (speed * count));
    }
    this.#host.wakeAt(nextMs, this.#number, this.#token);
  }
}
