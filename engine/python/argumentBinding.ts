/**
 * How the arguments of a call meet the parameters of a function
 * (docs.python.org/3/reference/expressions.html#calls).
 */
import type { Parameter } from "./expressions";

export interface GivenArguments<V> {
  readonly positional: readonly V[];
  readonly keywords: ReadonlyMap<string, V>;
}

export interface Binding<V> {
  /** What parameters were given, by their names. */
  readonly given: ReadonlyMap<string, V>;
  /** Parameters that were given nothing: their defaults apply, and without one Python raises a TypeError. */
  readonly missing: readonly Parameter[];
  /** What `*args` and `**kwargs` collect, where the function has them. */
  readonly rest: {
    readonly positional: Rest<readonly V[]> | null;
    readonly keywords: Rest<ReadonlyMap<string, V>> | null;
  };
  /** Arguments that no parameter takes: Python raises a TypeError. */
  readonly extra: GivenArguments<V>;
}

interface Rest<V> {
  readonly parameter: Parameter;
  readonly values: V;
}

export function bindArguments<V>(parameters: readonly Parameter[], args: GivenArguments<V>): Binding<V> {
  const positional = [...args.positional];
  const keywords = new Map(args.keywords);
  const given = new Map<string, V>();
  const missing: Parameter[] = [];
  let star: Rest<readonly V[]> | null = null;
  let doubleStar: Rest<ReadonlyMap<string, V>> | null = null;
  for (const parameter of parameters) {
    if (parameter.kind === "star") star = { parameter, values: positional.splice(0) };
    else if (parameter.kind === "doubleStar") {
      doubleStar = { parameter, values: new Map(keywords) };
      keywords.clear();
    } else {
      const isPositional = parameter.kind !== "keywordOnly" && positional.length > 0;
      const isNamed = !isPositional && parameter.kind !== "positionalOnly" && keywords.has(parameter.name);
      if (isPositional) given.set(parameter.name, positional.shift() as V);
      else if (isNamed) given.set(parameter.name, keywords.get(parameter.name) as V);
      else missing.push(parameter);
      if (isNamed) keywords.delete(parameter.name);
    }
  }
  return { given, missing, rest: { positional: star, keywords: doubleStar }, extra: { positional, keywords } };
}
