/**
 * Inverse of a symmetric positive definite matrix by Cholesky, A = LL', A⁻¹ = L⁻ᵀL⁻¹; about n³
 * multiplications. The matrix is overwritten.
 *
 * @param matrix - row by row, `size` × `size`
 * @throws RangeError when a pivot is not above 1e-12 of the largest diagonal element
 */
export function invertPositiveDefinite(matrix: Float64Array, size: number): Float64Array {
  decompose(matrix, size);
  return squareOfInverse(invertLower(matrix, size), size);
}

const pivotTolerance = 1e-12;

/** Lower triangle of the factor, in place. */
function decompose(a: Float64Array, size: number): void {
  let largest = 0;
  for (let i = 0; i < size; i += 1) largest = Math.max(largest, a[i * size + i] as number);
  for (let i = 0; i < size; i += 1) {
    const row = i * size;
    for (let j = 0; j <= i; j += 1) {
      const other = j * size;
      let sum = a[row + j] as number;
      for (let k = 0; k < j; k += 1) sum -= (a[row + k] as number) * (a[other + k] as number);
      if (j < i) {
        a[row + j] = sum / (a[other + j] as number);
        continue;
      }
      if (!(sum > pivotTolerance * largest)) {
        throw new RangeError(`matrix must be positive definite, pivot ${i} is ${sum}`);
      }
      a[row + i] = Math.sqrt(sum);
    }
  }
}

/** L⁻¹ transposed: row j holds column j of L⁻¹, so that all inner loops run along rows. */
function invertLower(l: Float64Array, size: number): Float64Array {
  const inverse = new Float64Array(size * size);
  for (let j = 0; j < size; j += 1) {
    const column = j * size;
    inverse[column + j] = 1 / (l[column + j] as number);
    for (let i = j + 1; i < size; i += 1) {
      const row = i * size;
      let sum = 0;
      for (let k = j; k < i; k += 1)
        sum += (l[row + k] as number) * (inverse[column + k] as number);
      inverse[column + i] = -sum / (l[row + i] as number);
    }
  }
  return inverse;
}

function squareOfInverse(transposed: Float64Array, size: number): Float64Array {
  const result = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let sum = 0;
      for (let k = i, x = i * size + i, y = j * size + i; k < size; k += 1, x += 1, y += 1) {
        sum += (transposed[x] as number) * (transposed[y] as number);
      }
      result[i * size + j] = sum;
      result[j * size + i] = sum;
    }
  }
  return result;
}
