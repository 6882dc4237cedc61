/** Which data format a file expects that its users have set, in Keras's config file. */
import type { SourceFile } from "../../python/parse";
import { nodesIn } from "../../python/walk";
import type { Machine } from "../interpreter/machine";
import { string } from "../interpreter/newValues";
import { kerasState } from "./kerasState";

const FORMAT = String.raw`^\(?[\w.]*\bimage_(?:dim_ordering|data_format)\(\)\s*`;
const IS_FIRST = new RegExp(`${FORMAT}(==\\s*["'](th|channels_first)|!=\\s*["'](tf|channels_last))["']`);
const IS_LAST = new RegExp(`${FORMAT}(==\\s*["'](tf|channels_last)|!=\\s*["'](th|channels_first))["']`);

/** A file that raises an error with `channels_last`, Keras's default, is for `channels_first`. */
export function expectFormat(machine: Machine, file: SourceFile): void {
  if (!refusesLast(file)) return;
  kerasState(machine).settings.set("image_data_format", string("channels_first"));
}

function refusesLast({ module, text }: SourceFile): boolean {
  if (!/image_(dim_ordering|data_format)/.test(text)) return false;
  const says = (pattern: RegExp, { from, to }: { from: number; to: number }): boolean =>
    pattern.test(text.slice(from, to));
  return [...nodesIn(module.body)].some(
    (node) =>
      (node.kind === "assert" && says(IS_FIRST, node.test)) ||
      (node.kind === "if" && node.branches.some(({ test, body }) => body[0]?.kind === "raise" && says(IS_LAST, test))),
  );
}
