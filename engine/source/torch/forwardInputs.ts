/** What a model's `forward` is called with: a tensor for each parameter that it needs. */
import { INPUT_ID, type SourceRange } from "../../protocol/modelGraph";
import type { Shape } from "../../protocol/shape";
import type { CallArguments } from "../interpreter/machine";
import type { FunctionValue, InstanceValue, Value } from "../interpreter/values";
import type { Parameter } from "../../python/expressions";
import { inputNode } from "./trace";

export interface ForwardInput {
  /** The parameter of `forward`; empty where nothing names it. */
  readonly name: string;
  readonly shape: Shape | null;
}

export interface ForwardArguments {
  readonly inputs: readonly ForwardInput[];
  readonly args: CallArguments;
}

/** The model's own `forward`; null for a layer or container of the library. */
function forwardOf(root: InstanceValue): FunctionValue | null {
  const classes = root.cls.kind === "class" ? root.cls.mro : [];
  for (const cls of classes) {
    const forward = cls.kind === "class" ? cls.namespace.get("forward") : undefined;
    if (forward?.kind === "function") return forward;
  }
  return null;
}

/** Where the model's own `forward` is written, for what is wrong with it as a whole. */
export function forwardRange(root: InstanceValue): SourceRange {
  return forwardOf(root)?.range ?? root.range;
}

/**
 * One tensor for each parameter without a default, at least one. That all of them are tensors is what PyTorch's users
 * mean by `forward`; where one is a flag or a list, what is done with it is unknown and said to be.
 */
export function forwardArguments(root: InstanceValue, shapes: readonly (Shape | null)[]): ForwardArguments {
  const forward = forwardOf(root);
  const parameters = forward === null ? [] : ownParameters(forward);
  const needed = parameters.filter(isNeeded);
  const named = needed.length > 0 ? needed : parameters.filter(takesPosition).slice(0, 1);
  const names = named.length > 0 ? named : [null];
  const inputs = names.map(
    (parameter, index): ForwardInput => ({ name: parameter?.name ?? "", shape: shapes[index] ?? null }),
  );
  const tensors = inputs.map(
    ({ shape }, index): Value => ({
      kind: "tensor",
      node: inputNode(index),
      shape,
      isParameter: false,
      storage: index,
    }),
  );
  const isKeyword = (index: number): boolean => names[index]?.kind === "keywordOnly";
  return {
    inputs,
    args: {
      positional: tensors.filter((_, index) => !isKeyword(index)),
      keywords: new Map(
        tensors.flatMap((tensor, index) => (isKeyword(index) ? [[inputs[index]?.name ?? "", tensor] as const] : [])),
      ),
      taint: null,
    },
  };
}

/** The parameters after `self`. */
function ownParameters({ parameters, binding }: FunctionValue): readonly Parameter[] {
  return binding === "instance" ? parameters.slice(1) : parameters;
}

function isNeeded({ kind, defaultValue }: Parameter): boolean {
  return defaultValue === null && kind !== "star" && kind !== "doubleStar";
}

function takesPosition({ kind }: Parameter): boolean {
  return kind === "positionalOnly" || kind === "normal" || kind === "star";
}

/** The ids under which nodes refer to the inputs. */
export function inputIds(inputs: readonly ForwardInput[]): string[] {
  return inputs.map(({ name }, index) => (index === 0 ? INPUT_ID : `${INPUT_ID}:${name}`));
}
