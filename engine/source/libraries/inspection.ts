/** What decorators that look at functions need: `inspect.signature`, in the parts that follow from a definition. */
import type { LibraryFunction } from "../interpreter/machine";
import { dict, library, string, unknown } from "../interpreter/newValues";
import type { FunctionValue, InstanceValue, Value } from "../interpreter/values";
import type { Parameter, ParameterKind } from "../../python/expressions";
import type { SourceRange } from "../../protocol/modelGraph";

const KINDS: Readonly<Record<ParameterKind, string>> = {
  positionalOnly: "POSITIONAL_ONLY",
  normal: "POSITIONAL_OR_KEYWORD",
  star: "VAR_POSITIONAL",
  keywordOnly: "KEYWORD_ONLY",
  doubleStar: "VAR_KEYWORD",
};

const kindOf = (kind: string): Value => library(`inspect.Parameter.${kind}`);

function object(cls: string, attributes: readonly (readonly [string, Value])[], range: SourceRange): InstanceValue {
  return { kind: "instance", cls: library(cls), attributes: new Map(attributes), module: null, range };
}

function parameterOf(parameter: Parameter, callee: FunctionValue, range: SourceRange): Value {
  const constants = Object.values(KINDS).map((kind) => [kind, kindOf(kind)] as const);
  const preset = callee.defaults.get(parameter.name) ?? library("inspect.Parameter.empty");
  const own = [
    ["name", string(parameter.name)],
    ["kind", kindOf(KINDS[parameter.kind])],
    ["default", preset],
  ] as const;
  return object("inspect.Parameter", [...constants, ...own], range);
}

/** A function made with functools.wraps shows the signature of the one it wraps. */
const signature: LibraryFunction = ({ args, range }) => {
  const [given] = args.positional;
  let callee = given;
  while (callee?.kind === "function" && callee.wrapped !== undefined) callee = callee.wrapped;
  if (callee?.kind !== "function")
    return callee?.kind === "unknown"
      ? callee
      : unknown("NormLens does not follow signature() of anything but a function", range);
  const target = callee;
  const parameters = target.parameters.map(
    (parameter) => [string(parameter.name), parameterOf(parameter, target, range)] as const,
  );
  return object("inspect.Signature", [["parameters", dict(parameters)]], range);
};

export const inspectionFunctions: ReadonlyMap<string, LibraryFunction> = new Map([["inspect.signature", signature]]);
