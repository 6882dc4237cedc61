/** Whether quantiles do not grow; what was not measured is left out. */
export function isDisordered(quantiles: readonly (number | null)[]): boolean {
  let last = Number.NEGATIVE_INFINITY;
  for (const value of quantiles) {
    if (value === null || Number.isNaN(value)) continue;
    if (value < last) return true;
    last = value;
  }
  return false;
}
