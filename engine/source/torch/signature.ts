import type { SourceRange } from "../../protocol/modelGraph";
import { nearestWord } from "../annotations/nearestWord";
import type { CallArguments } from "../interpreter/machine";
import { bool, float, int, none, string, unknown } from "../interpreter/newValues";
import type { UnknownValue, Value } from "../interpreter/values";

export interface SignatureParameter {
  readonly name: string;
  /** null when the argument is required. */
  readonly defaultValue: Value | null;
  readonly keywordOnly: boolean;
}

/** Reads a signature as PyTorch's documentation prints it: `in_features, out_features, bias=True`. */
export function parseSignature(text: string): readonly SignatureParameter[] {
  let keywordOnly = false;
  const parameters: SignatureParameter[] = [];
  for (const part of text.split(/,\s*/).filter(Boolean)) {
    if (part === "*") keywordOnly = true;
    else {
      const [name = "", literal] = part.split("=");
      parameters.push({ name, defaultValue: literal === undefined ? null : literalValue(literal), keywordOnly });
    }
  }
  return parameters;
}

function literalValue(literal: string): Value {
  if (literal === "None") return none;
  if (literal === "True" || literal === "False") return bool(literal === "True");
  if (literal.startsWith("'")) return string(literal.slice(1, -1));
  return /^-?\d+$/.test(literal) ? int(Number(literal)) : float(Number(literal));
}

/** Arguments by parameter name. What Python would raise a TypeError for is an unknown saying so. */
export function bindSignature(
  callee: string,
  signature: readonly SignatureParameter[],
  args: CallArguments,
  range: SourceRange,
  library = "PyTorch",
): Map<string, Value> | UnknownValue {
  if (args.taint !== null) return args.taint;
  const bound = new Map<string, Value>();
  const positional = signature.filter((parameter) => !parameter.keywordOnly);
  if (args.positional.length > positional.length) {
    return unknown(
      `${callee} takes at most ${positional.length} positional arguments (${library} raises a TypeError)`,
      range,
    );
  }
  args.positional.forEach((value, index) => bound.set(positional[index]?.name ?? "", value));
  for (const [name, value] of args.keywords) {
    if (!signature.some((parameter) => parameter.name === name))
      return unknownArgument(callee, name, signature, range, library);
    if (bound.has(name)) return unknown(`${callee} gets ${name} twice (${library} raises a TypeError)`, range);
    bound.set(name, value);
  }
  for (const { name, defaultValue } of signature) {
    if (bound.has(name)) continue;
    if (defaultValue === null)
      return unknown(`${callee} needs the argument ${name} (${library} raises a TypeError)`, range);
    bound.set(name, defaultValue);
  }
  return bound;
}

function unknownArgument(
  callee: string,
  name: string,
  signature: readonly SignatureParameter[],
  range: SourceRange,
  library: string,
): UnknownValue {
  const nearest = nearestWord(
    name,
    signature.map((parameter) => parameter.name),
  );
  const hint = nearest === null ? "" : `; did you mean ${nearest}?`;
  return unknown(`${callee} has no argument ${name} (${library} raises a TypeError)${hint}`, range);
}
