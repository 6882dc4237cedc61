/** Finding one argument of a call in the text, by keyword or by position. */
import type { Framework } from "../../protocol/modelGraph";
import type { CallExpression, Expression, Span } from "../../python/expressions";

export interface LocatedArgument {
  readonly value: Expression;
  /** With its keyword, if it has one. */
  readonly span: Span;
  readonly isKeyword: boolean;
  /** Positional arguments that follow it: they would be wrong after a keyword. */
  readonly isLastPositional: boolean;
}

/** null when the argument is not given, or when `*args` or `**kwargs` may contain it. */
export function locateArgument(call: CallExpression, name: string, position: number): LocatedArgument | null {
  for (const argument of call.arguments) {
    if (argument.kind === "keyword" && argument.name === name) {
      const span = { from: Math.min(argument.from, argument.value.from), to: Math.max(argument.to, argument.value.to) };
      return { value: argument.value, span, isKeyword: true, isLastPositional: true };
    }
  }
  if (call.arguments.some((argument) => argument.kind === "star")) return null;
  const positional = call.arguments.filter((argument) => argument.kind === "positional");
  const found = positional[position];
  if (found === undefined) return null;
  return {
    value: found.value,
    span: found.value,
    isKeyword: false,
    isLastPositional: position === positional.length - 1,
  };
}

/** Where and how to write one more keyword argument after the others; null when there is a comment. */
export function appendedArgument(
  text: string,
  call: CallExpression,
  argument: string,
): { readonly offset: number; readonly newText: string } | null {
  const last = call.arguments.at(-1);
  if (last === undefined) return { offset: call.to - 1, newText: argument };
  // Brackets around the last argument and a comma after it may be here; a comment would swallow the new text.
  const tail = text.slice(last.value.to, call.to - 1);
  if (!/^[\s),]*$/.test(tail)) return null;
  const kept = tail.trimEnd();
  return { offset: last.value.to + kept.length, newText: kept.endsWith(",") ? ` ${argument}` : `, ${argument}` };
}

/** Whether the call may get arguments that are not written in it. */
export function hasSpread(call: CallExpression): boolean {
  return call.arguments.some((argument) => argument.kind === "star" || argument.kind === "doubleStar");
}

/** Positions as PyTorch's documentation prints them, for the arguments rules point at. */
export const normPositions = { num_features: 0, eps: 1, momentum: 2, affine: 3, track_running_stats: 4 } as const;

/** keras.layers.BatchNormalization. */
const kerasNormPositions = { axis: 0, momentum: 1, epsilon: 2 } as const;

/** The argument of a normalization's call under the name it has in the framework. */
export function normArgument(
  call: CallExpression,
  framework: Framework,
  name: "eps" | "momentum",
): LocatedArgument | null {
  if (framework === "pytorch") return locateArgument(call, name, normPositions[name]);
  const own = name === "eps" ? "epsilon" : "momentum";
  return locateArgument(call, own, kerasNormPositions[own]);
}

const biasPositions: Readonly<Record<string, number>> = {
  Linear: 2,
  Conv1d: 7,
  Conv2d: 7,
  Conv3d: 7,
  ConvTranspose1d: 7,
  ConvTranspose2d: 7,
  ConvTranspose3d: 7,
};

export function biasPosition(className: string): number | null {
  return biasPositions[className] ?? null;
}

/** Positions of `use_bias` in Keras, where they are the same in all its versions. */
const kerasBiasPositions: Readonly<Record<string, number>> = { Dense: 2 };

const KERAS_CONVOLUTION = /^(Separable|Depthwise)?Conv[123]D(Transpose)?$/;
/** Past the end: an argument that is looked for by its name only. */
const BY_NAME = 99;

/** Where a layer says whether it has a bias; null for a class that does not. */
export function biasArgument(className: string): { readonly name: string; readonly position: number } | null {
  const position = biasPosition(className);
  if (position !== null) return { name: "bias", position };
  if (className !== "Dense" && !KERAS_CONVOLUTION.test(className)) return null;
  return { name: "use_bias", position: kerasBiasPositions[className] ?? BY_NAME };
}
