import type { Cluster, ControlState, PodRuntime } from './state.ts';

/** Notes kept for readers; who has not looked for longer looks at every pod. */
const keptNotes = 1024;

/** When more pods than this have changed, all of them are gone through. */
const fewPods = 64;

/**
 * Which pods something has happened to, in order, for those who look now and then: a few pods of
 * many thousands. Not part of the state: a fork starts a new one, and its readers begin with a look
 * at every pod.
 */
export class PodLog {
  #keys: string[] = [];
  /** Notes that were thrown away. */
  #dropped = 0;
  readonly #gone = new Set<string>();

  /** To be handed to `since` at the next look. */
  get mark(): number {
    return this.#dropped + this.#keys.length;
  }

  /** Notes a pod by its key. */
  note(key: string): void {
    this.#keys.push(key);
    if (this.#keys.length < 2 * keptNotes) return;
    this.#keys = this.#keys.slice(keptNotes);
    this.#dropped += keptNotes;
  }

  /** Notes a new pod; one that takes a gone one's name has another place in the order of pods. */
  noteNew(key: string): void {
    if (this.#gone.has(key)) this.#startAnew();
    this.note(key);
  }

  noteGone(key: string): void {
    if (this.#gone.size >= keptNotes) this.#startAnew();
    this.#gone.add(key);
    this.note(key);
  }

  /**
   * Keys of the pods noted since a mark, each once, new pods in order of creation; null where that
   * is not known.
   */
  since(mark: number): ReadonlySet<string> | null {
    if (mark < this.#dropped) return null;
    return new Set(this.#keys.slice(mark - this.#dropped));
  }

  #startAnew(): void {
    // One more than there were, so that no reader has seen it all.
    this.#dropped += this.#keys.length + 1;
    this.#keys = [];
    this.#gone.clear();
  }
}

const logs = new WeakMap<ControlState, PodLog>();

/** The log of a cluster's pods. */
export function podLogOf({ state }: Cluster): PodLog {
  const known = logs.get(state);
  if (known) return known;
  const created = new PodLog();
  logs.set(state, created);
  return created;
}

/** Who looks now and then at the pods that something has happened to. */
export class PodLogReader {
  #mark: number;

  /** Starts with a look at all pods, or where another reader is. */
  constructor(before: PodLogReader | null = null) {
    this.#mark = before === null ? -1 : before.#mark;
  }

  /**
   * Keys of the pods noted since the last look, as of `since`; null where all pods are to be
   * looked at, also since so many have changed.
   */
  changed(cluster: Cluster): ReadonlySet<string> | null {
    const log = podLogOf(cluster);
    const noted = log.since(this.#mark);
    this.#mark = log.mark;
    return noted !== null && noted.size <= fewPods ? noted : null;
  }
}

/** Says that a pod has changed in a way that its API object does not show. */
export function noteRuntime(cluster: Cluster, runtime: PodRuntime): void {
  runtime.revision += 1;
  cluster.state.version += 1;
  podLogOf(cluster).note(runtime.key);
}
