/** The text of normalization constructors, from the text of what they normalize. */
import type { CallExpression, Expression } from "../python/expressions";
import type { SourceFile } from "../python/parse";
import type { NormChoice } from "../graph/directive";
import { locateArgument } from "../findings/python/arguments";
import { insertAt, type OffsetEdit } from "./textEdits";
import { nnPrefix, textOf } from "./syntax";

/** Where torch.nn's documentation puts the argument that says how many channels come out, or go through. */
const CHANNELS: Readonly<Record<string, { readonly name: string; readonly position: number }>> = {
  Linear: { name: "out_features", position: 1 },
  Conv1d: { name: "out_channels", position: 1 },
  Conv2d: { name: "out_channels", position: 1 },
  Conv3d: { name: "out_channels", position: 1 },
  ConvTranspose1d: { name: "out_channels", position: 1 },
  ConvTranspose2d: { name: "out_channels", position: 1 },
  ConvTranspose3d: { name: "out_channels", position: 1 },
  BatchNorm1d: { name: "num_features", position: 0 },
  BatchNorm2d: { name: "num_features", position: 0 },
  BatchNorm3d: { name: "num_features", position: 0 },
  InstanceNorm1d: { name: "num_features", position: 0 },
  InstanceNorm2d: { name: "num_features", position: 0 },
  InstanceNorm3d: { name: "num_features", position: 0 },
  GroupNorm: { name: "num_channels", position: 1 },
  LayerNorm: { name: "normalized_shape", position: 0 },
};

/** Evaluating the text twice gives the same value and does nothing else. */
function isRepeatable(expression: Expression): boolean {
  switch (expression.kind) {
    case "name":
    case "number":
      return true;
    case "attribute":
      return isRepeatable(expression.object);
    case "subscript":
      return isRepeatable(expression.object) && isRepeatable(expression.index);
    case "binary":
      return isRepeatable(expression.left) && isRepeatable(expression.right);
    case "unary":
      return isRepeatable(expression.operand);
    case "call":
      return (
        expression.callee.kind === "name" &&
        ["int", "max", "min", "round"].includes(expression.callee.name) &&
        expression.arguments.every(({ kind, value }) => kind === "positional" && isRepeatable(value))
      );
    default:
      return false;
  }
}

/** The text of a constructor's channel count, or the number where the text cannot be repeated. */
export function channelsText(
  file: SourceFile,
  call: CallExpression,
  className: string,
  channels: number | null,
): string | null {
  const place = CHANNELS[className];
  const argument = place === undefined ? null : locateArgument(call, place.name, place.position);
  if (argument !== null && isRepeatable(argument.value)) return textOf(file, argument.value);
  return channels === null ? null : String(channels);
}

/** `nn.BatchNorm2d(64)`. */
export function normText(file: SourceFile, neighbour: CallExpression, className: string, channels: string): string {
  return `${nnPrefix(file, neighbour).text}${className}(${channels})`;
}

/** The constructor of another normalization over the same channels; null when PyTorch has none. */
export function replacementText(
  file: SourceFile,
  neighbour: CallExpression,
  choice: NormChoice,
  className: string,
  channels: string,
): string | null {
  const prefix = nnPrefix(file, neighbour).text;
  switch (choice.name) {
    case "group":
      return `${prefix}GroupNorm(${choice.groups}, ${channels})`;
    case "layer":
      return className === "LayerNorm" ? `${prefix}LayerNorm(${channels})` : `${prefix}GroupNorm(1, ${channels})`;
    case "instance":
      return `${prefix}${className}(${channels}, affine=True)`;
    case "batch":
      return `${prefix}${className}(${channels})`;
    case "renorm":
    case "ghost":
      return null;
  }
}

/** The import of torch.nn, where the file has none. */
export function importEdits(file: SourceFile, neighbour: CallExpression): OffsetEdit[] {
  const { missingImport } = nnPrefix(file, neighbour);
  if (missingImport === null) return [];
  const { offset, line } = missingImport;
  return [insertAt(offset, offset === 0 ? `${line}\n` : `\n${line}`)];
}
