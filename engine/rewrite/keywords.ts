/** Setting one argument of a call in the text. */
import type { CallExpression } from "../python/expressions";
import type { SourceFile } from "../python/parse";
import { appendedArgument, hasSpread, locateArgument } from "../findings/python/arguments";
import { insertAt, type OffsetEdit } from "./textEdits";

/** null when the call may get the argument from somewhere else (`*args`, `**kwargs`), or has no place for it. */
export function setArgument(
  file: SourceFile,
  call: CallExpression,
  name: string,
  position: number,
  value: string,
): OffsetEdit[] | null {
  const given = locateArgument(call, name, position);
  if (given !== null) return [{ from: given.value.from, to: given.value.to, newText: value }];
  const place = hasSpread(call) ? null : appendedArgument(file.text, call, `${name}=${value}`);
  return place === null ? null : [insertAt(place.offset, place.newText)];
}
