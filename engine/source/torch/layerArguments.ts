import type { SourceRange } from "../../protocol/modelGraph";
import { kindWithArticle } from "../interpreter/truth";
import { isAssumed, settled } from "../interpreter/openValues";
import { numberOf } from "../interpreter/aboutValues";
import { unknown } from "../interpreter/newValues";
import type { UnknownValue, Value } from "../interpreter/values";

/**
 * A constructor's arguments, read by type. What is unknown, or of another type than PyTorch takes, is null and noted,
 * so that a layer's description can say what it is missing.
 */
export class LayerArguments {
  readonly problems: UnknownValue[] = [];

  constructor(
    private readonly callee: string,
    private readonly values: ReadonlyMap<string, Value>,
    private readonly range: SourceRange,
  ) {}

  value(name: string): Value {
    const value = this.values.get(name) ?? { kind: "none" };
    if (value.kind === "tuple" || value.kind === "list")
      return value.elements.some(isAssumed) ? { ...value, elements: value.elements.map(settled) } : value;
    return settled(value);
  }

  /** Whether nobody gave it; what follows from a default that may be overridden is not open. */
  isOpen(name: string): boolean {
    return this.values.get(name)?.kind === "open";
  }

  /** Those that follow from an argument that nobody gave. */
  get assumed(): string[] {
    const isIn = (value: Value): boolean =>
      value.kind === "tuple" || value.kind === "list" ? value.elements.some(isAssumed) : isAssumed(value);
    return [...this.values].filter(([, value]) => isIn(value)).map(([name]) => name);
  }

  /** A value of any kind; that it, or a part of it, is not known is noted. */
  known(name: string): Value {
    const value = this.value(name);
    const parts = value.kind === "tuple" || value.kind === "list" ? value.elements : [value];
    const cause = parts.find((part) => part.kind === "unknown");
    if (cause?.kind === "unknown") this.problems.push(cause);
    return value;
  }

  /** A whole number that is not negative. */
  size(name: string): number | null {
    const value = this.value(name);
    if (value.kind === "int" && value.value >= 0) return value.value;
    // Python takes True for 1, and so does PyTorch.
    if (value.kind === "bool") return Number(value.value);
    return this.problem(name, value, "a whole number");
  }

  number(name: string): number | null {
    const value = this.value(name);
    return numberOf(value) ?? this.problem(name, value, "a number");
  }

  flag(name: string): boolean | null {
    const value = this.value(name);
    if (value.kind === "bool") return value.value;
    if (value.kind === "int") return value.value !== 0;
    return value.kind === "none" ? false : this.problem(name, value, "True or False");
  }

  text(name: string): string | null {
    const value = this.value(name);
    return value.kind === "string" ? value.value : this.problem(name, value, "a string");
  }

  isNone(name: string): boolean {
    return this.value(name).kind === "none";
  }

  /** One number for all axes, or one per axis; those of a padding may be negative, which crops. */
  sizes(name: string, dims: number, least = 0): readonly number[] | null {
    const value = this.value(name);
    if (value.kind !== "tuple" && value.kind !== "list") {
      const size = value.kind === "int" && value.value >= least ? value.value : this.size(name);
      return size === null ? null : Array.from({ length: dims }, () => size);
    }
    const sizes = value.elements.map((element) =>
      element.kind === "int" && element.value >= least ? element.value : null,
    );
    // PyTorch also takes a tuple of one.
    const spread = sizes.length === 1 ? Array.from({ length: dims }, () => sizes[0] ?? null) : sizes;
    if (spread.length !== dims || spread.includes(null)) return this.problem(name, value, `${dims} whole numbers`);
    return spread as number[];
  }

  /** Sizes of which some may be None, which keeps the input's. */
  optionalSizes(name: string, dims: number): readonly (number | null)[] | null {
    const value = this.value(name);
    if (value.kind === "none") return Array.from({ length: dims }, () => null);
    if (value.kind !== "tuple" && value.kind !== "list") return this.sizes(name, dims);
    const sizes: (number | null)[] = [];
    for (const element of value.elements) {
      if (element.kind === "none") sizes.push(null);
      else if (element.kind === "int" && element.value >= 0) sizes.push(element.value);
      else return this.problem(name, element, `${dims} whole numbers or None`);
    }
    return sizes.length === dims ? sizes : this.problem(name, value, `${dims} sizes`);
  }

  /** Notes why something cannot be determined. */
  fail(reason: string): null {
    this.problems.push(unknown(reason, this.range));
    return null;
  }

  private problem(name: string, value: Value, expected: string): null {
    const cause = value.kind === "unknown" ? value : null;
    const inner =
      value.kind === "tuple" || value.kind === "list"
        ? value.elements.find((element) => element.kind === "unknown")
        : undefined;
    const unknownCause = cause ?? (inner?.kind === "unknown" ? inner : null);
    this.problems.push(
      unknownCause ??
        unknown(`${this.callee} takes ${expected} for ${name}, not ${kindWithArticle(value)}`, this.range),
    );
    return null;
  }
}

/** A product that is null as soon as a factor is. */
export function times(...factors: readonly (number | null)[]): number | null {
  let total = 1;
  for (const factor of factors) {
    if (factor === null) return null;
    total *= factor;
  }
  return total;
}

export function plus(...terms: readonly (number | null)[]): number | null {
  let total = 0;
  for (const term of terms) {
    if (term === null) return null;
    total += term;
  }
  return total;
}

/** A count that a flag switches on; null when the flag or the count it needs is unknown. */
export function when(flag: boolean | null, count: number | null): number | null {
  if (flag === null) return null;
  return flag ? count : 0;
}
