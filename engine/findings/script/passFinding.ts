import { type Draft, findingOf } from "../draft";
import type { SourceFinding } from "../sourceFinding";
import { nameAt, rangeAt, type ScriptContext } from "./scriptContext";
import type { Forward } from "../../script/tracedValues";

/** A finding on the line of a forward pass, or none where that is in another file; `say` gets the network's name. */
export function passFinding(
  context: ScriptContext,
  { module, site, frames }: Forward,
  say: (name: string) => Omit<Draft, "layers" | "expression">,
): SourceFinding[] {
  const range = rangeAt(context, { site, frames });
  return range === null
    ? []
    : [findingOf({ ...say(nameAt(context, module, { site, frames })), layers: [], expression: range })];
}
