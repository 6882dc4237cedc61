/** Making the values of values.ts. */
import type { SourceRange } from "../../protocol/modelGraph";
import { dictKey } from "./aboutValues";
import type {
  BatchSizeValue,
  BoolValue,
  DictEntryValue,
  DictValue,
  FloatValue,
  IntValue,
  LibraryValue,
  ListValue,
  MethodValue,
  NoneValue,
  StringValue,
  TupleValue,
  UnknownValue,
  Value,
} from "./values";

export const none: NoneValue = { kind: "none" };
export const batchSize: BatchSizeValue = { kind: "batchSize" };

export const int = (value: number): IntValue => ({ kind: "int", value });
export const float = (value: number): FloatValue => ({ kind: "float", value });
export const string = (value: string): StringValue => ({ kind: "string", value });
export const bool = (value: boolean): BoolValue => ({ kind: "bool", value });
export const tuple = (elements: readonly Value[]): TupleValue => ({ kind: "tuple", elements });
export const list = (elements: Value[]): ListValue => ({ kind: "list", elements, taint: null });
export const library = (path: string): LibraryValue => ({ kind: "library", path });
export const method = (receiver: Value, name: string): MethodValue => ({ kind: "method", receiver, name, owner: null });

export function dict(entries: Iterable<readonly [Value, Value]> = []): DictValue {
  const map = new Map<string, DictEntryValue>();
  for (const [key, value] of entries) map.set(dictKey(key) ?? "", { key, value });
  return { kind: "dict", entries: map, taint: null };
}

export function unknown(reason: string, range: SourceRange): UnknownValue {
  return { kind: "unknown", reason, range, isPlain: false };
}

/** An unknown that certainly contains no layer. */
export function unknownPlain(reason: string, range: SourceRange): UnknownValue {
  return { kind: "unknown", reason, range, isPlain: true };
}

/** A number or another setting that a person can write down, so that it is known. */
export function unknownSetting(reason: string, range: SourceRange): UnknownValue {
  return { ...unknownPlain(reason, range), remedy: "literal" };
}

/** Why an expression or a statement that the parser could not lower is unknown. */
export const unfollowed = (what: string): string =>
  what === "a syntax error" ? "the line has a syntax error" : `NormLens does not follow ${what}`;

/** A size of a tensor whose shape is not known. */
export function unknownSize(range: SourceRange): UnknownValue {
  return { ...unknownPlain("the shape of this tensor is unknown", range), remedy: "inputShape", awaitsShape: true };
}

/** A number that came out of arithmetic: too large for exactness and it is unknown. */
export function checkedInt(value: number, range: SourceRange): Value {
  return Number.isSafeInteger(value) ? int(value + 0) : unknownPlain("this integer is too large to be exact", range);
}
