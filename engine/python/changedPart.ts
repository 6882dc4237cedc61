/**
 * The smallest single replacement that makes one text another: what did not change keeps its selections and folds.
 * Pure.
 */
export function changedPart(
  before: string,
  after: string,
): { readonly from: number; readonly to: number; readonly newText: string } {
  let start = 0;
  while (start < Math.min(before.length, after.length) && before[start] === after[start]) start++;
  let end = 0;
  while (
    end < Math.min(before.length, after.length) - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  )
    end++;
  return { from: start, to: before.length - end, newText: after.slice(start, after.length - end) };
}
