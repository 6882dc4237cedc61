/** What a file offers that may make models: its classes, functions and methods, called with likely arguments. */
import type { SourceRange } from "../../protocol/modelGraph";
import { initializerOf, mentions, requiredArguments } from "../candidates";
import { isModuleClass } from "../interpreter/classes";
import type { CallArguments, Machine } from "../interpreter/machine";
import { assume, likely } from "../interpreter/openValues";
import { missingImports } from "../keras/missingImports";
import type { ClassValue, FunctionValue, Scope, Value } from "../interpreter/values";

/** One way to make models. */
export interface Attempt {
  /** Of the class, function or method. */
  readonly name: string;
  /** `Decoder(…)`, `build_model(…)`, `Trainer(…).build()`. */
  readonly expression: string;
  /** Of the class, function or method; what it makes stands there. */
  readonly range: SourceRange;
  /** Arguments that nobody gave. */
  readonly assumed: readonly string[];
  /** Somebody may call it with arguments, required or not. */
  readonly takesArguments: boolean;
  /** It makes a network of which others are parts, not those by themselves. */
  readonly isModule: boolean;
  /** Arguments with a default that may be given otherwise. */
  readonly options: readonly string[];
  /** Where `areOptionsOpen`, a branch on an option is a choice. */
  readonly run: (machine: Machine, areOptionsOpen?: boolean) => Value;
}

/** The same, with a choice at each branch on an option. */
export const withOpenOptions = (attempt: Attempt): Attempt => ({
  ...attempt,
  assumed: [...attempt.assumed, ...attempt.options],
  run: (machine) => attempt.run(machine, true),
});

/** A definition without such a word makes no normalization of its own. */
const NORM_WORD = /norm|bn\b|\bABN/i;
/** Distributions, scaled data, and norms of vectors: words of almost every training script. */
const OTHER_WORD = /(?<![a-z])normal(?:i[sz](?:e|ed|es|ing))?(?![a-z])|grad_norm|\.norm\(/gi;

export const mentionsNorm = (text: string): boolean => NORM_WORD.test(text.replaceAll(OTHER_WORD, ""));

/** A way, and the definitions with normalizations of their own that it leads to. */
export interface WayToNorms {
  readonly attempt: Attempt;
  readonly norms: readonly SourceRange[];
}

/**
 * All ways to a normalization, the last definition first: a network shows the blocks that are defined before it.
 * Methods of what is no network come last: a trainer does far more than make its networks.
 */
export function waysToNorms(machine: Machine, scope: Scope): WayToNorms[] {
  const attempts = attemptsIn(machine, scope);
  const normsOf = normsByAttempt(attempts, scope.file.text);
  const ways = attempts
    .map((attempt) => ({ attempt, norms: normsOf(attempt) }))
    .filter(({ norms }) => norms.length > 0)
    .reverse();
  const isMethod = ({ attempt }: WayToNorms): boolean => attempt.expression.includes(").");
  return [...ways.filter((way) => !isMethod(way)), ...ways.filter(isMethod)];
}

/** What a file offers, in the order of its text. */
export function attemptsIn(machine: Machine, scope: Scope): Attempt[] {
  const names = new Set([...scope.variables.keys(), ...missingImports(scope.file).keys()]);
  return [...scope.variables].flatMap(([name, value]): Attempt[] => {
    if (value.kind === "function" && value.closure === scope && value.name === name)
      return mentions(scope, value, names) ? [callOf(name, value, signatureOf(value))] : [];
    if (value.kind !== "class" || value.name !== name || value.range.path !== scope.file.path) return [];
    return classAttempts(machine, scope, value, names);
  });
}

/** Follows the names in a definition to other definitions of the file. */
function normsByAttempt(attempts: readonly Attempt[], text: string): (attempt: Attempt) => SourceRange[] {
  const lines = text.split("\n");
  const facts = new Map(
    attempts.map((attempt) => {
      const body = lines.slice(attempt.range.startLine - 1, attempt.range.endLine).join("\n");
      return [attempt, { hasNorm: mentionsNorm(body), words: new Set(body.match(/[A-Za-z_]\w*/g)) }] as const;
    }),
  );
  const named = new Map<string, Attempt[]>();
  for (const attempt of attempts) named.set(attempt.name, [...(named.get(attempt.name) ?? []), attempt]);
  const mentioned = new Map(
    [...facts].map(([attempt, { words }]) => [attempt, [...words].flatMap((word) => named.get(word) ?? [])] as const),
  );
  return (attempt) => {
    const reached = new Set([attempt]);
    for (const one of reached) for (const other of mentioned.get(one) ?? []) reached.add(other);
    return [...reached].flatMap((one) => (facts.get(one)?.hasNorm === true ? [one.range] : []));
  };
}

function classAttempts(machine: Machine, scope: Scope, cls: ClassValue, names: ReadonlySet<string>): Attempt[] {
  const isModule = isModuleClass(machine, cls);
  const whole = { ...callOf(cls.name, cls, signatureOf(initializerOf(cls), 1)), isModule };
  if (isModule) return [whole];
  const methods = [...cls.namespace].flatMap(([name, value]): Attempt[] => {
    if (value.kind !== "function" || name === "__init__" || !mentions(scope, value, names)) return [];
    const { range } = value;
    const { expression, assumed, options, args } = likelyCall(name, signatureOf(value, 1), range);
    const run: Attempt["run"] = (inside, areOptionsOpen) =>
      inside.call(inside.attribute(whole.run(inside, areOptionsOpen), name, range), args(areOptionsOpen), range);
    return [
      {
        ...whole,
        name,
        expression: `${whole.expression}.${expression}`,
        range,
        assumed: [...whole.assumed, ...assumed],
        options: [...whole.options, ...options],
        takesArguments: whole.takesArguments || value.parameters.length > 1,
        run,
      },
    ];
  });
  return [...methods, whole];
}

/** What a call may give. */
type Signature = Pick<FunctionValue, "parameters" | "defaults">;

const signatureOf = (callee: FunctionValue | null, from = 0): Signature => ({
  parameters: callee?.parameters.slice(from) ?? [],
  defaults: callee?.defaults ?? new Map<string, Value>(),
});

function callOf(name: string, callee: ClassValue | FunctionValue, signature: Signature): Attempt {
  const { expression, assumed, options, args } = likelyCall(name, signature, callee.range);
  return {
    name,
    expression,
    range: callee.range,
    assumed,
    options,
    takesArguments: signature.parameters.length > 0,
    isModule: false,
    run: (machine, areOptionsOpen) => machine.call(callee, args(areOptionsOpen), callee.range),
  };
}

function likelyCall(
  name: string,
  { parameters, defaults }: Signature,
  range: SourceRange,
): Pick<Attempt, "expression" | "assumed" | "options"> & { args: (areOptionsOpen?: boolean) => CallArguments } {
  const assumed = requiredArguments(parameters);
  const options = [...defaults].filter(([, { kind }]) => kind === "bool" || kind === "string" || kind === "int");
  return {
    expression: `${name}(${assumed.length > 0 ? "…" : ""})`,
    assumed,
    options: options.map(([option]) => option),
    // Anew for each attempt: what one learns of an argument is nothing to another.
    args: (areOptionsOpen = false) => ({
      positional: [],
      keywords: new Map([
        ...assumed.map((argument) => [argument, likely(argument, range)] as const),
        ...(areOptionsOpen ? options.map(([option, value]) => [option, assume(value)] as const) : []),
      ]),
      taint: null,
      isOpen: parameters.some(({ kind }) => kind === "doubleStar"),
    }),
  };
}
