/** Of a symmetric matrix A: A = Σ values[i] · vᵢ vᵢᵀ, the vᵢ orthonormal. */
export interface Eigen {
  /** In no order. */
  readonly values: Float64Array;
  /** Row by row: vᵢ is the row i. */
  readonly vectors: Float64Array;
}

/** The most steps for one value; two or three are usual. */
const MOST_STEPS = 60;

/**
 * The eigenvalues and eigenvectors of a symmetric matrix, to about 1e-15 of the greatest value: Householder's reflections make it
 * tridiagonal, QR steps with Wilkinson's shift make that diagonal.
 *
 * @param a - n rows of n finite numbers; the upper triangle is not read
 * @remarks O(n³): 10 ms for n = 100, 0.1 s for n = 200
 * @see Golub and Van Loan, "Matrix computations", 4th edition, algorithms 8.3.1 to 8.3.3
 */
export function eigen(a: Float64Array, n: number): Eigen {
  const { diagonal, beside, vectors } = tridiagonal(a.slice(), n);
  for (let high = n - 1, steps = 0; high > 0; ) {
    const low = blockBegin(diagonal, beside, high);
    if (low === high || steps >= MOST_STEPS) {
      high -= 1;
      steps = 0;
      continue;
    }
    qrStep(diagonal, beside, vectors, low, high);
    steps += 1;
  }
  return { values: diagonal, vectors };
}

interface Tridiagonal {
  readonly diagonal: Float64Array;
  /** The entry (i + 1, i) at i. */
  readonly beside: Float64Array;
  /** The rows of Qᵀ, where A = Q T Qᵀ. */
  readonly vectors: Float64Array;
}

/** @param a - is used up */
function tridiagonal(a: Float64Array, n: number): Tridiagonal {
  const [diagonal, beside] = [new Float64Array(n), new Float64Array(Math.max(n - 1, 0))];
  const reflections: Float64Array[] = [];
  for (let k = 0; k + 1 < n; k++) {
    diagonal[k] = a[k * n + k] as number;
    const v = new Float64Array(n);
    for (let i = k + 1; i < n; i++) v[i] = a[i * n + k] as number;
    beside[k] = reflection(v, k + 1);
    reflect(a, n, v, k + 1);
    reflections.push(v);
  }
  if (n > 0) diagonal[n - 1] = a[n * n - 1] as number;
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  for (let k = n - 2; k >= 0; k--) reflectRows(vectors, n, reflections[k] as Float64Array, k + 1);
  return { diagonal, beside, vectors };
}

/** Makes of x the v, of length √2 or 0, for which (1 - v vᵀ) x has nothing after its first entry; that entry. */
function reflection(v: Float64Array, first: number): number {
  let rest = 0;
  for (let i = first + 1; i < v.length; i++) rest += (v[i] as number) ** 2;
  const head = v[first] as number;
  if (rest === 0) {
    v[first] = 0;
    return head;
  }
  const length = Math.sqrt(head * head + rest);
  const end = head > 0 ? -length : length;
  v[first] = head - end;
  const scale = Math.SQRT2 / Math.sqrt((head - end) ** 2 + rest);
  for (let i = first; i < v.length; i++) v[i] = (v[i] as number) * scale;
  return end;
}

/** Of the lower triangle from (`first`, `first`) on: (1 - v vᵀ) A (1 - v vᵀ) = A - v wᵀ - w vᵀ, where w = A v - v (vᵀ A v) / 2. */
function reflect(a: Float64Array, n: number, v: Float64Array, first: number): void {
  const w = new Float64Array(n);
  for (let i = first; i < n; i++) {
    const vi = v[i] as number;
    let sum = (a[i * n + i] as number) * vi;
    for (let j = first; j < i; j++) {
      const entry = a[i * n + j] as number;
      sum += entry * (v[j] as number);
      w[j] = (w[j] as number) + entry * vi;
    }
    w[i] = (w[i] as number) + sum;
  }
  let half = 0;
  for (let i = first; i < n; i++) half += ((v[i] as number) * (w[i] as number)) / 2;
  for (let i = first; i < n; i++) w[i] = (w[i] as number) - half * (v[i] as number);
  for (let i = first; i < n; i++) {
    const [vi, wi] = [v[i] as number, w[i] as number];
    for (let j = first; j <= i; j++) a[i * n + j] = (a[i * n + j] as number) - vi * (w[j] as number) - wi * (v[j] as number);
  }
}

/** The matrix from (`first`, `first`) on times (1 - v vᵀ); before that it is the unit matrix. */
function reflectRows(m: Float64Array, n: number, v: Float64Array, first: number): void {
  for (let row = first; row < n; row++) {
    let sum = 0;
    for (let i = first; i < n; i++) sum += (m[row * n + i] as number) * (v[i] as number);
    for (let i = first; i < n; i++) m[row * n + i] = (m[row * n + i] as number) - sum * (v[i] as number);
  }
}

/** Where the block that ends at `high` begins: what is too small to matter beside the diagonal becomes 0. */
function blockBegin(diagonal: Float64Array, beside: Float64Array, high: number): number {
  for (let low = high; low > 0; low--) {
    const around = Math.abs(diagonal[low - 1] as number) + Math.abs(diagonal[low] as number);
    if (Math.abs(beside[low - 1] as number) > Number.EPSILON * around) continue;
    beside[low - 1] = 0;
    return low;
  }
  return 0;
}

/** One implicit step: rotations of neighbouring rows and columns, from `low` to `high`. */
function qrStep(diagonal: Float64Array, beside: Float64Array, vectors: Float64Array, low: number, high: number): void {
  const n = diagonal.length;
  const last = beside[high - 1] as number;
  const half = ((diagonal[high - 1] as number) - (diagonal[high] as number)) / 2;
  const shift = (diagonal[high] as number) - (last * last) / (half + (half < 0 ? -1 : 1) * Math.hypot(half, last));
  let [x, bulge] = [(diagonal[low] as number) - shift, beside[low] as number];
  for (let k = low; k < high; k++) {
    const length = Math.hypot(x, bulge);
    const [c, s] = length === 0 ? [1, 0] : [x / length, bulge / length];
    if (k > low) beside[k - 1] = length;
    const [a, b, g] = [diagonal[k] as number, beside[k] as number, diagonal[k + 1] as number];
    diagonal[k] = c * c * a + 2 * c * s * b + s * s * g;
    diagonal[k + 1] = s * s * a - 2 * c * s * b + c * c * g;
    beside[k] = c * s * (g - a) + (c * c - s * s) * b;
    x = beside[k] as number;
    if (k + 1 < high) {
      bulge = s * (beside[k + 1] as number);
      beside[k + 1] = c * (beside[k + 1] as number);
    }
    for (let i = k * n, j = i + n; i < (k + 1) * n; i++, j++) {
      const [p, q] = [vectors[i] as number, vectors[j] as number];
      vectors[i] = c * p + s * q;
      vectors[j] = c * q - s * p;
    }
  }
}
