/** What the parts that follow a script know of each other, and what they write down. */
import type { Expression } from "../python/expressions";
import type { Block } from "../python/statements";
import type { SourceFile } from "../python/parse";
import type { Store, TracedChanges } from "./store";
import type {
  Traits,
  ObjectFacts,
  Fields,
  Args,
  TracedClass,
  Constant,
  FileValue,
  Forward,
  Frame,
  TracedFunction,
  Guard,
  HeldWeights,
  ImportedValue,
  LoopVisit,
  ModeEntry,
  ObjectValue,
  Root,
  TracedScope,
  Site,
  TracedTensor,
  TracedUnknown,
  TracedValue,
} from "./tracedValues";

export type Ending = "normal" | "return" | "break" | "continue" | "raise";

/** A way out of a function or a loop body, with what had changed on it. */
export interface Exit {
  readonly kind: "return" | "break" | "continue";
  readonly value: TracedValue | null;
  readonly changes: TracedChanges;
}

/** A call of something from a library. */
export interface TracedCall {
  readonly path: string;
  readonly args: Args;
  readonly result: TracedValue;
  /** Those of the BN layers of the network that is its first argument. */
  readonly modes: readonly ModeEntry[];
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
  /** It distinguishes single layers or parameters. */
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

/** One network's weights or buffers written from another's, or from weights that were kept outside of it. */
export interface Transfer {
  readonly to: ObjectValue;
  readonly from: ObjectValue | null;
  readonly what: "parameters" | "buffers" | "state" | "average";
  readonly place: Place;
  /** The copy that was written back. */
  readonly held: HeldWeights | null;
  /** How many forward passes had been followed by then. */
  readonly passes: number;
}

export interface GradToggle {
  readonly module: ObjectValue;
  readonly isOn: boolean;
  readonly isPartial: boolean;
  readonly place: Place;
}

export interface ScriptTrace {
  readonly forwards: Forward[];
  readonly modeCalls: ModeCall[];
  readonly calls: TracedCall[];
  readonly backwards: Backward[];
  readonly steps: { readonly optimizer: TracedValue; readonly place: Place }[];
  readonly transfers: Transfer[];
  /** Copies of weights that the weights of a network are mixed into. */
  readonly averages: Set<HeldWeights>;
  readonly gradToggles: GradToggle[];
  /** Modules whose saved weights were loaded. */
  readonly loaded: Set<ObjectValue>;
  readonly objects: ObjectValue[];
  /** Functions that were followed. */
  readonly reached: Set<unknown>;
  /** False when the script was longer than the budget: then nothing follows from what was not seen. */
  isComplete: boolean;
}

export interface ObjectOptions {
  readonly cls?: TracedClass | null;
  readonly isModule?: boolean;
  readonly copyOf?: ObjectValue | null;
  readonly fields?: Fields;
  readonly traits?: Traits;
  readonly facts?: ObjectFacts;
}

export interface Tracing {
  readonly store: Store;
  readonly trace: ScriptTrace;
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
  onYield: ((value: TracedValue) => void) | null;

  /** False when the budget is used up. */
  spend(): boolean;
  evaluate(expression: Expression, scope: TracedScope): TracedValue;
  execute(block: Block, scope: TracedScope): Ending;
  call(callee: TracedValue, args: Args, site: Site): TracedValue;
  attribute(value: TracedValue, name: string, site: Site): TracedValue;
  assign(target: Expression, value: TracedValue, scope: TracedScope): void;
  callFunction(fn: TracedFunction, args: Args, site: Site): TracedValue;
  lookup(name: string, scope: TracedScope): TracedValue;
  resolve(value: ImportedValue): TracedValue;
  fileOf(value: ImportedValue): FileValue | null;
  /** null for a member no readable base class has. */
  member(cls: TracedClass, name: string): TracedValue | null;
  fresh(names?: readonly string[], inputs?: readonly TracedValue[], hint?: Constant): TracedUnknown;
  tensor(inputs: readonly TracedValue[], words?: readonly string[]): TracedTensor;
  object(type: string, args: Args, site: Site, options?: ObjectOptions): ObjectValue;
  list(type: "list" | "tuple" | "dict", values: readonly (readonly [string, TracedValue])[], site: Site): ObjectValue;
  place(site: Site): Place;
}
