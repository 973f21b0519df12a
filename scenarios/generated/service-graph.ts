import type { Stream } from '../../core/tools/index.ts';

/** Shape of a generated call graph. */
export interface GraphShape {
  /** Services without the front door. */
  readonly services: number;
  /** Mean number of services on the longest call path of an entry, itself included. */
  readonly meanDepth: number;
  /** Mean number of services that a service with callees calls. */
  readonly fanOut: number;
  /** Share of the services that others like to share (0 to 1). */
  readonly hotSpotShare: number;
}

export type Role = 'entry' | 'middle' | 'leaf';

/** A call of one service by another; `shared` ones come on top of the tree. */
export interface GraphEdge {
  readonly from: number;
  readonly to: number;
  readonly shared: boolean;
}

export interface ServiceGraph {
  /** Entries first, then middles, then leaves. */
  readonly roles: readonly Role[];
  readonly edges: readonly GraphEdge[];
}

/** Shares of 67,760 services at Alibaba (arXiv 2504.13141, table 1); the rest is in the middle. */
const entryShare = 0.13;
const leafShare = 0.39;
const depthMax = 16;
/** A tree of one entry stays below this, lest one request visit half the system. */
const treeSizeMax = 80;
const fanOutMax = 24;
/** A parent is chosen this often by how many children it has already: that makes heavy tails. */
const preferentialShare = 0.5;
/** Shared calls that lead to a hot spot. */
const hotCallShare = 0.75;
const hotSpotExponent = 0.9;

/**
 * A forest of one call tree per entry, of a depth drawn as 2 plus a geometric number and grown by
 * preferential attachment, and on top of it calls to
 * shared services, most of them to few hot spots whose popularity falls with their rank. Linear in
 * the number of calls.
 */
export function growServiceGraph(shape: GraphShape, stream: Stream): ServiceGraph {
  const grown = new Growth(shape, stream);
  grown.growTrees();
  grown.shareServices();
  return { roles: grown.roles, edges: grown.edges };
}

class Growth {
  readonly roles: Role[];
  readonly edges: GraphEdge[] = [];
  readonly #shape: GraphShape;
  readonly #stream: Stream;
  readonly #entries: number;
  readonly #firstLeaf: number;
  /** The entry whose tree a service belongs to, and how many belong to it. */
  readonly #root: Int32Array;
  readonly #treeSize: Int32Array;
  /** Services on the longest path of each entry's tree. */
  readonly #depth: Int32Array;
  /** Calls from the entry down to a service. */
  readonly #layer: Int32Array;
  readonly #outDegree: Int32Array;
  readonly #known = new Set<number>();

  constructor(shape: GraphShape, stream: Stream) {
    const count = shape.services;
    this.#shape = shape;
    this.#stream = stream;
    this.#entries = Math.max(1, Math.round(entryShare * count));
    this.#firstLeaf = count - Math.max(1, Math.round(leafShare * count));
    this.roles = Array.from({ length: count }, (_, i) => {
      if (i < this.#entries) return 'entry';
      return i < this.#firstLeaf ? 'middle' : 'leaf';
    });
    this.#layer = new Int32Array(count);
    this.#root = Int32Array.from({ length: count }, (_, i) => i);
    this.#treeSize = new Int32Array(this.#entries).fill(1);
    this.#depth = new Int32Array(this.#entries).fill(2);
    this.#outDegree = new Int32Array(count);
  }

  growTrees(): void {
    const middles = this.#growSpines();
    const tickets = Array.from({ length: middles }, (_, i) => i);
    const parents = [...tickets];
    for (let middle = middles; middle < this.#firstLeaf; middle += 1) {
      const parent = this.#chooseParent(parents, tickets, 2);
      this.#attach(middle, parent);
      parents.push(middle);
      tickets.push(middle, parent);
    }
    this.#attachLeaves();
  }

  /** One path per entry, as long as its depth asks for; returns the first middle left over. */
  #growSpines(): number {
    const goOn = 1 - 1 / Math.max(1, this.#shape.meanDepth - 1);
    let middle = this.#entries;
    for (let entry = 0; entry < this.#entries; entry += 1) {
      let depth = 2;
      while (depth < depthMax && this.#stream.next() < goOn) depth += 1;
      this.#depth[entry] = depth;
      let parent = entry;
      for (let layer = 1; layer < depth - 1 && middle < this.#firstLeaf; layer += 1) {
        this.#attach(middle, parent);
        parent = middle;
        middle += 1;
      }
    }
    return middle;
  }

  /** A parent in a tree that is deep enough for `further` more layers below it. */
  #chooseParent(parents: readonly number[], tickets: readonly number[], further: number): number {
    const { next, integer } = this.#stream;
    let parent = parents[0] as number;
    for (let attempt = 0; attempt < 30; attempt += 1) {
      const pool = next() < preferentialShare ? tickets : parents;
      parent = pool[integer(pool.length)] as number;
      const depth = this.#depth[this.#root[parent] as number] as number;
      const isHighEnough = (this.#layer[parent] as number) + 1 + further <= depth;
      if (isHighEnough && this.#hasRoom(parent)) return parent;
    }
    return parents.find((candidate) => this.#hasRoom(candidate)) ?? parent;
  }

  #hasRoom(parent: number): boolean {
    const size = this.#treeSize[this.#root[parent] as number] as number;
    return size < treeSizeMax && (this.#outDegree[parent] as number) < fanOutMax;
  }

  #attach(child: number, parent: number): void {
    const root = this.#root[parent] as number;
    this.#root[child] = root;
    this.#treeSize[root] = (this.#treeSize[root] as number) + 1;
    this.#layer[child] = (this.#layer[parent] as number) + 1;
    this.#connect(parent, child, false);
  }

  #connect(from: number, to: number, shared: boolean): boolean {
    const key = from * this.roles.length + to;
    if (this.#known.has(key)) return false;
    this.#known.add(key);
    this.edges.push({ from, to, shared });
    this.#outDegree[from] = (this.#outDegree[from] as number) + 1;
    return true;
  }

  /** Every service that should call somebody gets a leaf first; the other leaves go anywhere. */
  #attachLeaves(): void {
    const callers = Array.from({ length: this.#firstLeaf }, (_, i) => i);
    const childless = this.#stream.shuffle(callers.filter((i) => this.#outDegree[i] === 0));
    const tickets = [...callers];
    for (let leaf = this.#firstLeaf; leaf < this.roles.length; leaf += 1) {
      const parent = childless.pop() ?? this.#chooseParent(callers, tickets, 1);
      this.#attach(leaf, parent);
      tickets.push(parent);
    }
    for (const caller of childless) this.#connect(caller, this.#anyLeaf(), true);
  }

  #anyLeaf(): number {
    return this.#firstLeaf + this.#stream.integer(this.roles.length - this.#firstLeaf);
  }

  /** Adds calls to shared services until the mean fan-out is reached. */
  shareServices(): void {
    const { services, fanOut, hotSpotShare } = this.#shape;
    const wanted = Math.round(fanOut * this.#firstLeaf) - this.edges.length;
    const shareable = this.#stream.shuffle(
      Array.from({ length: services - this.#entries }, (_, i) => this.#entries + i),
    );
    const hotSpots = this.#chooseHotSpots(shareable, Math.round(hotSpotShare * services));
    const popularity = cumulate(hotSpots.map((_, rank) => zipf(rank, hotSpotExponent)));
    const callers = Array.from({ length: this.#firstLeaf }, (_, i) => i);
    const tickets = [...callers];
    const { next, integer } = this.#stream;
    for (let made = 0, tried = 0; made < wanted && tried < 20 * wanted; tried += 1) {
      const pool = next() < preferentialShare ? tickets : callers;
      const from = pool[integer(pool.length)] as number;
      const isHot = next() < hotCallShare && hotSpots.length > 0;
      const to = isHot
        ? (hotSpots[pick(popularity, next())] as number)
        : (shareable[integer(shareable.length)] as number);
      if ((this.#outDegree[from] as number) >= fanOutMax || !this.#isBelow(to, from)) continue;
      if (!this.#connect(from, to, true)) continue;
      tickets.push(from);
      made += 1;
    }
  }

  /** Two of three hot spots are leaves (stores, lookups), the others right above leaves. */
  #chooseHotSpots(shareable: readonly number[], count: number): number[] {
    const leaves = shareable.filter((i) => i >= this.#firstLeaf);
    const lowest = shareable
      .filter((i) => i < this.#firstLeaf)
      .sort((a, b) => this.#heightMax(a) - this.#heightMax(b) || a - b);
    const middles = lowest.slice(0, Math.floor(count / 3));
    return this.#stream.shuffle([...leaves.slice(0, count - middles.length), ...middles]);
  }

  /** Services on the longest path from here down, at most; one for a leaf. */
  #heightMax(service: number): number {
    if (service >= this.#firstLeaf) return 1;
    const depth = this.#depth[this.#root[service] as number] as number;
    return Math.max(2, depth - (this.#layer[service] as number));
  }

  /** Calls lead from higher to lower services only: so no path gets longer and none closes. */
  #isBelow(to: number, from: number): boolean {
    return this.#heightMax(to) < this.#heightMax(from);
  }
}

/** The weight of a rank (0 is the first) in Zipf's law. */
export function zipf(rank: number, exponent: number): number {
  return Math.exp(-exponent * Math.log(rank + 1));
}

function cumulate(weights: readonly number[]): number[] {
  let sum = 0;
  return weights.map((weight) => {
    sum += weight;
    return sum;
  });
}

/** The index whose share of the cumulated weights holds the uniform draw. */
function pick(cumulated: readonly number[], uniform: number): number {
  const wanted = uniform * (cumulated.at(-1) ?? 0);
  let low = 0;
  let high = cumulated.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((cumulated[middle] as number) > wanted) high = middle;
    else low = middle + 1;
  }
  return low;
}
