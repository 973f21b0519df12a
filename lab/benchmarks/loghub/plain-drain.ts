/** Drain's wildcard. */
const wildcard = '<*>';

/** The paper's defaults, as the published benchmark uses them where it does not tune. */
const similarityMin = 0.5;
const childrenMax = 100;

interface Cluster {
  readonly id: number;
  tokens: string[];
}

/**
 * Drain (He et al., ICWS 2017) as published, with depth 4 and without masks: the baseline. Token
 * count, first token, then the most similar cluster, which takes the line in from a similarity of
 * 0.5.
 */
export class PlainDrain {
  readonly #lengths = new Map<number, Map<string, Cluster[]>>();
  readonly #clusters: Cluster[] = [];

  /** Takes in a line and gives the number of its cluster. */
  add(line: string): number {
    const tokens = line.trim().split(/\s+/);
    const leaf = this.#leafOf(tokens);
    const cluster = mostSimilar(leaf, tokens);
    if (cluster) {
      cluster.tokens = cluster.tokens.map((token, i) => (token === tokens[i] ? token : wildcard));
      return cluster.id;
    }
    const made = { id: this.#clusters.length, tokens };
    this.#clusters.push(made);
    leaf.push(made);
    return made.id;
  }

  templateOf(id: number): string {
    return (this.#clusters[id] as Cluster).tokens.join(' ');
  }

  #leafOf(tokens: readonly string[]): Cluster[] {
    let children = this.#lengths.get(tokens.length);
    if (!children) {
      children = new Map();
      this.#lengths.set(tokens.length, children);
    }
    const [first] = tokens as readonly [string];
    const full = children.size >= childrenMax - 1 && !children.has(first);
    const key = full || /\d/.test(first) ? wildcard : first;
    const leaf = children.get(key) ?? [];
    children.set(key, leaf);
    return leaf;
  }
}

function mostSimilar(leaf: readonly Cluster[], tokens: readonly string[]): Cluster | undefined {
  let best: Cluster | undefined;
  let bestEqual = -1;
  let bestWild = -1;
  for (const cluster of leaf) {
    let equal = 0;
    let wild = 0;
    cluster.tokens.forEach((token, i) => {
      if (token === wildcard) wild += 1;
      else if (token === tokens[i]) equal += 1;
    });
    if (equal < bestEqual || (equal === bestEqual && wild <= bestWild)) continue;
    best = cluster;
    bestEqual = equal;
    bestWild = wild;
  }
  return bestEqual >= similarityMin * tokens.length ? best : undefined;
}
