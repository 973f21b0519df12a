export interface Eigen {
  /** Descending. */
  readonly values: Float64Array;
  /** One eigenvector after the other, each of length 1, in the order of the values. */
  readonly vectors: Float64Array;
}

const stepsMax = 60;

/**
 * Eigenvalues and eigenvectors of a symmetric matrix: Householder reduction to a tridiagonal one,
 * then implicit QL steps (Bowdler, Martin, Reinsch and Wilkinson 1968). The sign of a vector is
 * such that its largest entry is positive. O(size^3).
 */
export function symmetricEigen(matrix: Float64Array, size: number): Eigen {
  const v = Float64Array.from(matrix);
  const diagonal = new Float64Array(size);
  const beside = new Float64Array(size);
  tridiagonalise(v, diagonal, beside);
  iterate(v, diagonal, beside);
  return inOrder(v, diagonal);
}

/** Householder reflections from the last row up; `v` becomes the product of them, by rows. */
function tridiagonalise(v: Float64Array, d: Float64Array, e: Float64Array): void {
  const n = d.length;
  for (let i = n - 1; i > 0; i -= 1) {
    const row = v.subarray(i * n, i * n + i);
    let scale = 0;
    for (let k = 0; k < i; k += 1) scale += Math.abs(row[k]!);
    if (i === 1 || scale === 0) {
      e[i] = row[i - 1]!;
      d[i] = 0;
      continue;
    }
    let h = 0;
    for (let k = 0; k < i; k += 1) {
      row[k]! /= scale;
      h += row[k]! * row[k]!;
    }
    const last = row[i - 1]!;
    const g = last >= 0 ? -Math.sqrt(h) : Math.sqrt(h);
    e[i] = scale * g;
    h -= last * g;
    row[i - 1] = last - g;
    reflect(v, row, e, { n, i, h });
    d[i] = h;
  }
  d[0] = 0;
  e[0] = 0;
  accumulate(v, d);
}

/** Applies the reflection along `row` to the leading block of i rows, from both sides. */
function reflect(
  v: Float64Array,
  row: Float64Array,
  e: Float64Array,
  { n, i, h }: { n: number; i: number; h: number },
): void {
  let along = 0;
  for (let j = 0; j < i; j += 1) {
    v[j * n + i] = row[j]! / h;
    let g = 0;
    for (let k = 0; k <= j; k += 1) g += v[j * n + k]! * row[k]!;
    for (let k = j + 1; k < i; k += 1) g += v[k * n + j]! * row[k]!;
    e[j] = g / h;
    along += e[j]! * row[j]!;
  }
  const half = along / (h + h);
  for (let j = 0; j < i; j += 1) {
    const f = row[j]!;
    const g = e[j]! - half * f;
    e[j] = g;
    for (let k = 0; k <= j; k += 1) v[j * n + k]! -= f * e[k]! + g * row[k]!;
  }
}

function accumulate(v: Float64Array, d: Float64Array): void {
  const n = d.length;
  const g = new Float64Array(n);
  for (let i = 0; i < n; i += 1) {
    if (d[i] !== 0) {
      g.fill(0, 0, i);
      for (let k = 0; k < i; k += 1) {
        const f = v[i * n + k]!;
        for (let j = 0; j < i; j += 1) g[j]! += f * v[k * n + j]!;
      }
      for (let k = 0; k < i; k += 1) {
        const f = v[k * n + i]!;
        for (let j = 0; j < i; j += 1) v[k * n + j]! -= g[j]! * f;
      }
    }
    d[i] = v[i * n + i]!;
    v[i * n + i] = 1;
    for (let j = 0; j < i; j += 1) {
      v[j * n + i] = 0;
      v[i * n + j] = 0;
    }
  }
  // From here on an eigenvector lies in one row.
  for (let i = 0; i < n; i += 1) {
    for (let j = 0; j < i; j += 1) {
      const other = v[i * n + j]!;
      v[i * n + j] = v[j * n + i]!;
      v[j * n + i] = other;
    }
  }
}

/** QL steps with implicit shifts until nothing stands beside the diagonal. */
function iterate(v: Float64Array, d: Float64Array, e: Float64Array): void {
  const n = d.length;
  e.copyWithin(0, 1);
  if (n > 0) e[n - 1] = 0;
  for (let l = 0; l < n; l += 1) {
    for (let step = 0; step < stepsMax; step += 1) {
      let m = l;
      while (m < n - 1) {
        const size = Math.abs(d[m]!) + Math.abs(d[m + 1]!);
        if (Math.abs(e[m]!) <= Number.EPSILON * size) break;
        m += 1;
      }
      if (m === l) break;
      stepDown(v, d, e, { l, m });
    }
  }
}

function stepDown(
  v: Float64Array,
  d: Float64Array,
  e: Float64Array,
  { l, m }: { l: number; m: number },
): void {
  const n = d.length;
  const slope = (d[l + 1]! - d[l]!) / (2 * e[l]!);
  const root = Math.sqrt(slope * slope + 1);
  let g = d[m]! - d[l]! + e[l]! / (slope + (slope >= 0 ? root : -root));
  let [s, c, p] = [1, 1, 0];
  for (let i = m - 1; i >= l; i -= 1) {
    const f = s * e[i]!;
    const b = c * e[i]!;
    const r = Math.sqrt(f * f + g * g);
    e[i + 1] = r;
    if (r === 0) {
      d[i + 1]! -= p;
      e[m] = 0;
      return;
    }
    s = f / r;
    c = g / r;
    g = d[i + 1]! - p;
    const t = (d[i]! - g) * s + 2 * c * b;
    p = s * t;
    d[i + 1] = g + p;
    g = c * t - b;
    const [from, next] = [i * n, (i + 1) * n];
    for (let k = 0; k < n; k += 1) {
      const upper = v[next + k]!;
      const lower = v[from + k]!;
      v[next + k] = s * lower + c * upper;
      v[from + k] = c * lower - s * upper;
    }
  }
  d[l]! -= p;
  e[l] = g;
  e[m] = 0;
}

function inOrder(v: Float64Array, d: Float64Array): Eigen {
  const size = d.length;
  const order = Array.from(d, (_, i) => i).sort((i, j) => d[j]! - d[i]! || i - j);
  const vectors = new Float64Array(size * size);
  order.forEach((from, k) => {
    const vector = v.subarray(from * size, (from + 1) * size);
    const peak = vector.reduce((best, x) => (Math.abs(x) > Math.abs(best) + 1e-12 ? x : best), 0);
    for (let i = 0; i < size; i += 1) vectors[k * size + i] = peak < 0 ? -vector[i]! : vector[i]!;
  });
  return { values: Float64Array.from(order, (i) => d[i]!), vectors };
}
