import { EventQueue } from './event-queue.ts';
import type { ReferenceCall, ReferenceNetwork, ReferenceService } from './network.ts';
import { RandomSource } from './random.ts';
import { createSampler, type Sampler } from './service-law.ts';
import { createStation, type Station } from './station.ts';
import { Tally } from './tally.ts';

export interface ServiceResult {
  /** Arrivals per second at all replicas, refused ones included. */
  readonly arrivalsPerSec: number;
  readonly refusedRatio: number;
  /** Of a replica, averaged over time: requests in it, and cores' worth of work brought to it. */
  readonly inFlight: number;
  readonly offeredCores: number;
  /** From arrival to the end of CPU work, and to the answer; refused requests apart. */
  readonly own: Tally;
  readonly response: Tally;
}

export interface ReferenceResult {
  /** By service name. */
  readonly services: Readonly<Record<string, ServiceResult>>;
  readonly attemptsPerSec: number;
  /** Requests per second that succeeded in the end, and those that failed in the end. */
  readonly goodPerSec: number;
  readonly failedPerSec: number;
  /** Of attempts by users: failures, and times however they ended (time-outs at their instant). */
  readonly errorRatio: number;
  readonly attempt: Tally;
}

const user = -1;
const eventKinds = { arrival: 0, station: 1, timeout: 2, batch: 3 } as const;

/**
 * Plays a network request by request and event by event: `warmUpSec` unseen, then `measuredSec` in
 * `batches` equal parts. About 3 million events per second; only for stable or bounded networks.
 */
export function simulate(
  network: ReferenceNetwork,
  run: { seed: number; warmUpSec: number; measuredSec: number; batches?: number },
): ReferenceResult {
  const batches = run.batches ?? 30;
  const simulation = new Simulation(network, run.seed, batches);
  simulation.play(run.warmUpSec * 1000, (run.measuredSec * 1000) / batches, batches);
  return simulation.result(run.measuredSec);
}

/** A request, a user's or a service's, is a row; a service's row knows whose attempt it answers. */
class Simulation {
  readonly #network: ReferenceNetwork;
  readonly #random: RandomSource;
  readonly #events = new EventQueue();
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #samplers: readonly Sampler[];
  readonly #stations: Station[] = [];
  /** Where a service's replicas start; with the number of stations at the end. */
  readonly #firstReplica: number[] = [0];
  readonly #inReplica: Int32Array;
  /** Rows. */
  #capacity = 1024;
  #service = new Int32Array(1024);
  #replica = new Int32Array(1024);
  #parent = new Int32Array(1024);
  #parentToken = new Int32Array(1024);
  /** The attempt under way, 0 for none; tokens are never used twice. */
  #token = new Int32Array(1024);
  #call = new Int32Array(1024);
  #countLeft = new Int32Array(1024);
  #triesLeft = new Int32Array(1024);
  #startedMs = new Float64Array(1024);
  #free: number[] = Array.from({ length: 1024 }, (_, row) => row);
  #lastToken = 0;
  #nowMs = 0;
  #batch = -1;
  /** Counts since the warm-up's end. */
  readonly #arrivals: Float64Array;
  readonly #refused: Float64Array;
  readonly #workMs: Float64Array;
  readonly #inService: Float64Array;
  readonly #inServiceSince: Float64Array;
  readonly #inServiceArea: Float64Array;
  #attempts = 0;
  #attemptErrors = 0;
  #good = 0;
  #failed = 0;
  readonly #own: readonly Tally[];
  readonly #response: readonly Tally[];
  readonly #attempt: Tally;

  constructor(network: ReferenceNetwork, seed: number, batches: number) {
    const { services } = network;
    this.#network = network;
    this.#random = new RandomSource(seed);
    this.#numbers = new Map(services.map(({ name }, s) => [name, s]));
    this.#samplers = services.map(({ law, cpuMs }) => createSampler(law, cpuMs));
    const host = {
      wakeAt: (atMs: number, station: number, token: number): void =>
        this.#events.push(atMs, eventKinds.station | (station << 2), token),
      done: (row: number): void => this.#workDone(row),
    };
    for (const { replicas, discipline } of services) {
      for (let r = 0; r < replicas; r += 1) {
        this.#stations.push(createStation(discipline, host, this.#stations.length));
      }
      this.#firstReplica.push(this.#stations.length);
    }
    this.#inReplica = new Int32Array(this.#stations.length);
    const column = (): Float64Array => new Float64Array(services.length);
    this.#arrivals = column();
    this.#refused = column();
    this.#workMs = column();
    this.#inService = column();
    this.#inServiceSince = column();
    this.#inServiceArea = column();
    this.#own = services.map(() => new Tally(batches));
    this.#response = services.map(() => new Tally(batches));
    this.#attempt = new Tally(batches);
  }

  play(warmUpMs: number, batchMs: number, batches: number): void {
    const events = this.#events;
    events.push(0, eventKinds.arrival, 0);
    for (let b = 0; b <= batches; b += 1) events.push(warmUpMs + b * batchMs, eventKinds.batch, b);
    while (events.take()) {
      this.#nowMs = events.atMs;
      const { first, second } = events;
      const kind = first & 3;
      if (kind === eventKinds.station) this.#stations[first >> 2]!.wake(this.#nowMs, second);
      else if (kind === eventKinds.arrival) this.#userArrives();
      else if (kind === eventKinds.timeout) {
        if (this.#token[first >> 2] === second) this.#attemptEnds(first >> 2, false);
      } else if (second === batches) break;
      else this.#openBatch(second);
    }
    for (let s = 0; s < this.#inService.length; s += 1) this.#countInService(s, 0);
  }

  result(measuredSec: number): ReferenceResult {
    const services = this.#network.services.map((service, s): [string, ServiceResult] => [
      service.name,
      {
        arrivalsPerSec: this.#arrivals[s]! / measuredSec,
        refusedRatio: this.#refused[s]! / this.#arrivals[s]!,
        inFlight: this.#inServiceArea[s]! / (measuredSec * 1000) / service.replicas,
        offeredCores: this.#workMs[s]! / (measuredSec * 1000) / service.replicas,
        own: this.#own[s]!,
        response: this.#response[s]!,
      },
    ]);
    return {
      services: Object.fromEntries(services),
      attemptsPerSec: this.#attempts / measuredSec,
      goodPerSec: this.#good / measuredSec,
      failedPerSec: this.#failed / measuredSec,
      errorRatio: this.#attemptErrors / this.#attempts,
      attempt: this.#attempt,
    };
  }

  #openBatch(batch: number): void {
    this.#batch = batch;
    if (batch > 0) return;
    for (const column of [this.#arrivals, this.#refused, this.#workMs, this.#inServiceArea]) {
      column.fill(0);
    }
    this.#inServiceSince.fill(this.#nowMs);
    this.#attempts = 0;
    this.#attemptErrors = 0;
    this.#good = 0;
    this.#failed = 0;
  }

  #countInService(s: number, change: number): void {
    const before = this.#inService[s]!;
    const area = before * (this.#nowMs - this.#inServiceSince[s]!);
    this.#inServiceArea[s] = this.#inServiceArea[s]! + area;
    this.#inServiceSince[s] = this.#nowMs;
    this.#inService[s] = before + change;
  }

  #userArrives(): void {
    const { requestsPerSec, retries } = this.#network.users;
    const nextMs = this.#nowMs + this.#random.exponential(1000 / requestsPerSec);
    this.#events.push(nextMs, eventKinds.arrival, 0);
    const row = this.#takeRow();
    this.#service[row] = user;
    this.#triesLeft[row] = retries;
    this.#startAttempt(row, this.#network.users);
  }

  #startAttempt(row: number, call: { service: string; timeoutMs: number }): void {
    this.#lastToken += 1;
    const token = this.#lastToken;
    this.#token[row] = token;
    if (this.#service[row] === user) this.#startedMs[row] = this.#nowMs;
    if (call.timeoutMs < Number.POSITIVE_INFINITY) {
      const atMs = this.#nowMs + call.timeoutMs;
      this.#events.push(atMs, eventKinds.timeout | (row << 2), token);
    }
    this.#arrive(this.#numbers.get(call.service)!, row, token);
  }

  #arrive(s: number, parent: number, parentToken: number): void {
    const service = this.#serviceAt(s);
    const replica = this.#firstReplica[s]! + this.#random.below(service.replicas);
    this.#arrivals[s] = this.#arrivals[s]! + 1;
    if (this.#inReplica[replica]! >= service.concurrencyMax) {
      this.#refused[s] = this.#refused[s]! + 1;
      this.#attemptEnds(parent, false);
      return;
    }
    this.#inReplica[replica] = this.#inReplica[replica]! + 1;
    this.#countInService(s, 1);
    const row = this.#takeRow();
    this.#service[row] = s;
    this.#replica[row] = replica;
    this.#parent[row] = parent;
    this.#parentToken[row] = parentToken;
    this.#startedMs[row] = this.#nowMs;
    const workMs = this.#samplers[s]!(this.#random);
    this.#workMs[s] = this.#workMs[s]! + workMs;
    this.#stations[replica]!.arrive(this.#nowMs, row, workMs);
  }

  #workDone(row: number): void {
    const s = this.#service[row]!;
    if (this.#batch >= 0) this.#own[s]!.add(this.#batch, this.#nowMs - this.#startedMs[row]!);
    const { errorRatio, calls } = this.#serviceAt(s);
    if (errorRatio > 0 && this.#random.uniform() < errorRatio) {
      this.#answer(row, false);
      return;
    }
    this.#call[row] = -1;
    this.#countLeft[row] = 0;
    this.#goOn(row, calls);
  }

  /** Makes the next call of a request, or answers it when there is none. */
  #goOn(row: number, calls: readonly ReferenceCall[]): void {
    while (this.#countLeft[row] === 0) {
      const next = this.#call[row]! + 1;
      if (next === calls.length) {
        this.#answer(row, true);
        return;
      }
      const { count } = calls[next]!;
      const whole = Math.floor(count);
      const more = count > whole && this.#random.uniform() < count - whole ? 1 : 0;
      this.#call[row] = next;
      this.#countLeft[row] = whole + more;
    }
    const call = calls[this.#call[row]!]!;
    this.#countLeft[row] = this.#countLeft[row]! - 1;
    this.#triesLeft[row] = call.retries;
    this.#startAttempt(row, call);
  }

  #answer(row: number, isOk: boolean): void {
    const s = this.#service[row]!;
    const replica = this.#replica[row]!;
    if (this.#batch >= 0) this.#response[s]!.add(this.#batch, this.#nowMs - this.#startedMs[row]!);
    this.#inReplica[replica] = this.#inReplica[replica]! - 1;
    this.#countInService(s, -1);
    const parent = this.#parent[row]!;
    const isAwaited = this.#token[parent] === this.#parentToken[row];
    this.#free.push(row);
    if (isAwaited) this.#attemptEnds(parent, isOk);
  }

  /** An answer, a refusal or a time-out reaches whoever made the attempt. */
  #attemptEnds(row: number, isOk: boolean): void {
    this.#token[row] = 0;
    const s = this.#service[row]!;
    if (s === user) this.#userAttemptEnds(row, isOk);
    else {
      const { calls } = this.#serviceAt(s);
      if (isOk) this.#goOn(row, calls);
      else if (this.#triesLeft[row]! > 0) {
        this.#triesLeft[row] = this.#triesLeft[row]! - 1;
        this.#startAttempt(row, calls[this.#call[row]!]!);
      } else this.#answer(row, false);
    }
  }

  #userAttemptEnds(row: number, isOk: boolean): void {
    this.#attempts += 1;
    if (this.#batch >= 0) this.#attempt.add(this.#batch, this.#nowMs - this.#startedMs[row]!);
    if (!isOk) {
      this.#attemptErrors += 1;
      if (this.#triesLeft[row]! > 0) {
        this.#triesLeft[row] = this.#triesLeft[row]! - 1;
        this.#startAttempt(row, this.#network.users);
        return;
      }
      this.#failed += 1;
    } else this.#good += 1;
    this.#free.push(row);
  }

  #serviceAt(s: number): ReferenceService {
    return this.#network.services[s]!;
  }

  #takeRow(): number {
    if (this.#free.length === 0) this.#grow();
    return this.#free.pop()!;
  }

  #grow(): void {
    const before = this.#capacity;
    this.#capacity = 2 * before;
    const longer = (column: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> => {
      const copy = new Int32Array(this.#capacity);
      copy.set(column);
      return copy;
    };
    this.#service = longer(this.#service);
    this.#replica = longer(this.#replica);
    this.#parent = longer(this.#parent);
    this.#parentToken = longer(this.#parentToken);
    this.#token = longer(this.#token);
    this.#call = longer(this.#call);
    this.#countLeft = longer(this.#countLeft);
    this.#triesLeft = longer(this.#triesLeft);
    const startedMs = new Float64Array(this.#capacity);
    startedMs.set(this.#startedMs);
    this.#startedMs = startedMs;
    for (let row = this.#capacity - 1; row >= before; row -= 1) this.#free.push(row);
  }
}
