/** What the parts that follow a script know of each other, and what they write down. */
import type { Expression } from "../../../source/python/expressions";
import type { Block } from "../../../source/python/statements";
import type { SourceFile } from "../../../source/python/parse";
import type { Changes, Store } from "./store";
import type {
  Args,
  ClassValue,
  Constant,
  FileValue,
  Forward,
  Frame,
  FunctionValue,
  Guard,
  ImportedValue,
  LoopVisit,
  ObjectValue,
  Root,
  Scope,
  Site,
  TensorValue,
  UnknownValue,
  Value,
} from "./values";

export type Completion = "normal" | "return" | "break" | "continue" | "raise";

/** A way out of a function or a loop body, with what had changed on it. */
export interface Exit {
  readonly kind: "return" | "break" | "continue";
  readonly value: Value | null;
  readonly changes: Changes;
}

/** A call of something from a library. */
export interface LibraryCall {
  readonly path: string;
  readonly args: Args;
  readonly result: Value;
  readonly place: Place;
}

/** Where something happened, and under which conditions. */
export interface Place {
  readonly site: Site;
  readonly frames: readonly Frame[];
  readonly loops: readonly LoopVisit[];
  readonly tests: readonly EnclosingTest[];
  readonly root: Root;
}

export interface EnclosingTest {
  readonly test: Expression;
  readonly file: SourceFile;
  /** How many loops were around the branch. */
  readonly loops: number;
  /** It tells single layers or parameters apart. */
  readonly sorts: boolean;
  /** Whether the branch may or may not be taken. */
  readonly isOpen: boolean;
  /** It depends on an option that is off unless the user turns it on. */
  readonly isOffByDefault: boolean;
  /** k of a test with `% k`: its number, null when it is not known, undefined without one. */
  readonly period: number | null | undefined;
}

export interface ModeCall {
  readonly module: ObjectValue;
  readonly mode: "train" | "eval" | "unknown";
  readonly place: Place;
}

export interface Backward {
  readonly place: Place;
  readonly forwards: readonly Forward[];
}

/** One network's weights or buffers written from another's. */
export interface Transfer {
  readonly to: ObjectValue;
  readonly from: ObjectValue | null;
  readonly what: "parameters" | "buffers" | "state" | "average";
  readonly place: Place;
}

export interface GradToggle {
  readonly module: ObjectValue;
  readonly isOn: boolean;
  readonly isPartial: boolean;
  readonly place: Place;
}

export interface Trace {
  readonly forwards: Forward[];
  readonly modeCalls: ModeCall[];
  readonly calls: LibraryCall[];
  readonly backwards: Backward[];
  readonly steps: { readonly optimizer: Value; readonly place: Place }[];
  readonly transfers: Transfer[];
  readonly gradToggles: GradToggle[];
  /** Modules whose saved weights were loaded. */
  readonly loaded: Set<ObjectValue>;
  readonly objects: ObjectValue[];
  /** Functions that were followed. */
  readonly reached: Set<unknown>;
  /** False when the script was longer than the budget: then nothing follows from what was not seen. */
  isComplete: boolean;
}

export interface Machine {
  readonly store: Store;
  readonly trace: Trace;
  readonly loops: LoopVisit[];
  readonly frames: Frame[];
  readonly assumptions: Guard[];
  readonly tests: EnclosingTest[];
  /** Exits of the function and of the loop body that are being followed. */
  exits: Exit[];
  functionDepth: number;
  loopDepth: number;
  noGrad: number;
  /** The alternatives one of which is called, when it is not known which. */
  choice: string | null;
  innerForward: number;
  root: Root;
  /** What runs where a generator that is a context manager yields. */
  onYield: ((value: Value) => void) | null;

  /** False when the budget is used up. */
  spend(): boolean;
  evaluate(expression: Expression, scope: Scope): Value;
  execute(block: Block, scope: Scope): Completion;
  call(callee: Value, args: Args, site: Site): Value;
  attribute(value: Value, name: string, site: Site): Value;
  assign(target: Expression, value: Value, scope: Scope): void;
  callFunction(fn: FunctionValue, args: Args, site: Site): Value;
  lookup(name: string, scope: Scope): Value;
  resolve(value: ImportedValue): Value;
  fileOf(value: ImportedValue): FileValue | null;
  /** null for a member no readable base class has. */
  member(cls: ClassValue, name: string): Value | null;
  fresh(names?: readonly string[], inputs?: readonly Value[], hint?: Constant): UnknownValue;
  tensor(inputs: readonly Value[], words?: readonly string[]): TensorValue;
  object(
    type: string,
    args: Args,
    site: Site,
    options?: { cls?: ClassValue | null; isModule?: boolean; copyOf?: ObjectValue | null },
  ): ObjectValue;
  list(type: "list" | "tuple" | "dict", values: readonly (readonly [string, Value])[], site: Site): ObjectValue;
  place(site: Site): Place;
}
