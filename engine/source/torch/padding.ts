/** torch.nn.functional.pad. */
import type { LayerOp, PaddingMode } from "../../protocol/layerOps";
import type { ShapeRule } from "../../protocol/shape";
import { numberOf } from "../interpreter/aboutValues";
import type { LibraryFunction } from "../interpreter/machine";
import { none } from "../interpreter/newValues";
import type { Value } from "../interpreter/values";
import { other, padded } from "./layers/torchLayerSpec";
import { recordFunction } from "./record";
import { bindSignature, parseSignature } from "./signature";
import { axesOf } from "./tensorOperations";

const padParameters = parseSignature("input, pad, mode='constant', value=None");

/** torch.nn.functional.pad: pairs of sizes from the last axis to the first. */
export const padding: LibraryFunction = ({ machine, args, range }) => {
  const bound = bindSignature("F.pad", padParameters, args, range);
  if (!(bound instanceof Map)) {
    machine.report(bound);
    return bound;
  }
  const sides = axesOf(bound.get("pad") ?? none);
  const dims = (sides?.length ?? 1) / 2;
  const amounts = Array.from({ length: Math.floor(dims) }, (_, axis) => {
    const from = 2 * (dims - 1 - axis);
    return (sides?.[from] ?? 0) + (sides?.[from + 1] ?? 0);
  });
  const rule: ShapeRule | null = sides !== null && Number.isInteger(dims) ? { rule: "pad", amounts } : null;
  const mode = paddingMode(bound.get("mode") ?? none, bound.get("value") ?? none);
  const op: LayerOp =
    rule === null || mode === null
      ? other("pad", rule)
      : { kind: "rearrange", rearrangement: padded(sides ?? [], mode) };
  return recordFunction(machine, { name: "pad", className: "F.pad", op, range }, [bound.get("input") ?? none]);
};

const PADDING_MODES: Readonly<Record<string, PaddingMode>> = { reflect: "reflect", replicate: "replicate" };

/** null for modes that the engine has not, and for a constant other than zero. */
function paddingMode(mode: Value, value: Value): PaddingMode | null {
  if (mode.kind !== "string") return null;
  const isZero = value.kind === "none" || numberOf(value) === 0;
  return mode.value === "constant" ? (isZero ? "zeros" : null) : (PADDING_MODES[mode.value] ?? null);
}
