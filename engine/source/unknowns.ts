import type { Unknown } from "../protocol/modelGraph";
import type { UnknownValue } from "./interpreter/values";

/** Each unknown once, in the order of the file; those of other files come after its own. */
export function distinct(
  unknowns: readonly UnknownValue[],
  path: string,
  ofCalls: readonly UnknownValue[] = [],
): Unknown[] {
  const seen = new Map<string, Unknown>();
  const collect = ({ reason, range, remedy }: UnknownValue, isOfCall: boolean): void => {
    const key = `${range.path}:${range.startLine}:${range.startColumn}:${reason}`;
    if (!seen.has(key)) seen.set(key, { reason, range, ...(remedy && { remedy }), ...(isOfCall && { isOfCall }) });
  };
  for (const value of unknowns) collect(value, false);
  for (const value of ofCalls) collect(value, true);
  return [...seen.values()].sort((a, b) => {
    const files =
      Number(a.range.path !== path) - Number(b.range.path !== path) ||
      Number(a.range.path > b.range.path) - Number(a.range.path < b.range.path);
    return files || a.range.startLine - b.range.startLine || a.range.startColumn - b.range.startColumn;
  });
}
