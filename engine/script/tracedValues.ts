/**
 * What a training script's names stand for, as far as its text shows. Everything that can change (names, attributes,
 * elements, modes) lives in maps that a `Store` writes, so that both sides of a branch can be followed and joined.
 */
import type { Argument, LambdaExpression, Span } from "../python/expressions";
import type { ClassStatement, FunctionStatement } from "../python/statements";
import type { SourceFile } from "../python/parse";

export interface Site extends Span {
  readonly file: SourceFile;
}

/** Names, attributes or elements. Only the store writes them. */
export type Fields = ReadonlyMap<string, TracedValue>;

export interface TracedScope {
  readonly vars: Fields;
  readonly parent: TracedScope | null;
  readonly file: SourceFile;
  /** Names a function declares `global` or `nonlocal`. */
  readonly outer: Set<string>;
  /** What `from m import *` imports, in order, by the module's name. */
  readonly stars: Fields;
  /** For `super()`: of a method's own scope. */
  readonly method: { readonly owner: TracedClass; readonly self: TracedValue } | null;
}

export type Constant = string | number | boolean | null;

export interface ConstantValue {
  readonly kind: "constant";
  readonly value: Constant;
}

/** Something of a library, or of a file that could not be read, by its dotted path. */
export interface ExternalValue {
  readonly kind: "external";
  readonly path: string;
}

/** A name that an import binds, looked up when it is needed. */
export interface ImportedValue {
  readonly kind: "imported";
  readonly from: SourceFile;
  readonly module: string;
  readonly level: number;
  /** null for the module itself. */
  readonly name: string | null;
}

/** Another file of the workspace. */
export interface FileValue {
  readonly kind: "file";
  readonly scope: TracedScope;
}

export interface TracedFunction {
  readonly kind: "function";
  readonly node: FunctionStatement | LambdaExpression;
  readonly scope: TracedScope;
  readonly owner: TracedClass | null;
  readonly self: TracedValue | null;
}

export interface TracedPartial {
  readonly kind: "partial";
  readonly callee: TracedValue;
  readonly args: Args;
}

/** A function that gives one value, whatever it is called with: `super` in a method. */
export interface GivesValue {
  readonly kind: "gives";
  readonly value: TracedValue;
}

export interface TracedClass {
  readonly kind: "class";
  readonly node: ClassStatement;
  readonly scope: TracedScope;
  /** Itself, then what it derives from, as Python looks members up (C3). */
  order: readonly TracedValue[];
  readonly members: Fields;
}

/** An instance, a list, a dict, a layer, a loader: whatever has an identity. */
export interface ObjectValue {
  readonly kind: "object";
  readonly id: number;
  /**
   * The constructor's path (`torch.nn.BatchNorm2d`), `list`, `dict`, `tuple`, or the name of a class of the project.
   */
  readonly type: string;
  readonly cls: TracedClass | null;
  readonly isModule: boolean;
  readonly fields: Fields;
  readonly traits: Traits;
  readonly facts: ObjectFacts;
  readonly args: Args;
  readonly site: Site;
  /** The module this one was copied from (`deepcopy`, `AveragedModel`). */
  readonly copyOf: ObjectValue | null;
  /** What it has been called, for telling validation data from training data and teachers from students. */
  readonly names: Set<string>;
  /** Where following began when it was made. */
  readonly root: Root;
}

/** What is known of an object besides its attributes, and may change. Only the store writes it. */
export interface Traits {
  /** Its own mode. */
  modes: readonly ModeEntry[];
  /** The mode of the BN layers in it, which a loop over them may set apart. */
  normModes: readonly ModeEntry[];
  /** `requires_grad` of its parameters, where the script sets it. */
  gradient: GradValue | null;
  /** Its BN layers were converted to SyncBatchNorm. */
  isSynced: boolean;
  /** Parameters and buffers were converted to 16 bits, and where. */
  lowPrecision: LowPrecision | null;
}

export interface LowPrecision {
  readonly type: "bfloat16" | "float16";
  readonly site: Site;
}

/** What is known of an object from the start. */
export interface ObjectFacts {
  /** A framework sets the modes around the hooks it calls. */
  readonly isManaged?: boolean;
  /** Samples of a part of a data set, where the script fixes them. */
  readonly samples?: number | null;
  /** How many elements a loop over a pipeline of tf.data gives at most, where the script fixes that. */
  readonly elements?: number | null;
  /** For a part of a network of a library: whether it has BN. */
  readonly isNormTrunk?: boolean;
}

/** `super()` inside a method, and methods of libraries: `model.eval`. */
export interface TracedMethod {
  readonly kind: "method";
  readonly self: TracedValue;
  readonly name: string;
}

export interface TracedSuper {
  readonly kind: "super";
  readonly self: TracedValue;
  readonly owner: TracedClass;
}

/** Layers or parameters of a module, seen one by one: `for m in net.modules()`, `for p in net.parameters()`. */
export interface PartValue {
  readonly kind: "part";
  readonly of: ObjectValue;
  readonly what: "modules" | "parameters" | "buffers" | "state" | "name";
  readonly isGroup: boolean;
  /** What an `isinstance` around it said. */
  readonly isNorm: boolean | null;
  /** Networks in it whose parameters are left out. */
  readonly without?: readonly ObjectValue[];
  /** Conditions on the names of its parameters. */
  readonly named?: readonly NameTest[];
  /** Of a single parameter in a loop: which of them get to where it is now. */
  readonly picked?: Picked;
  /** Set for values that were copied out of the network: they stay when it trains on. */
  readonly held?: HeldWeights;
}

/** Whether a parameter of this name is meant. */
export type NameTest = (name: string) => boolean;

/** Conditions on the names of the parameters; "unknown" where one of them asks for something else. */
export type Picked = readonly NameTest[] | "unknown";

/** `[p.detach().clone() for p in net.parameters()]`: weights outside of any network. */
export interface HeldWeights {
  readonly site: Site;
  /** How many forward passes had been followed when they were copied. */
  readonly passes: number;
}

/** A value computed from data and from what networks answered. */
export interface TracedTensor {
  readonly kind: "tensor";
  readonly id: number;
  readonly origins: readonly Origin[];
  readonly words: readonly string[];
  /** The parts of `torch.cat` along the batch. */
  readonly joined: readonly TracedValue[] | null;
  /** Its first dimension, where the script fixes it. */
  readonly rows: number | null;
  /** How many parts `split` or `chunk` cut it into. */
  readonly pieces: number | null;
  /** Equal values stand beside each other along the first dimension, and so does what was picked by them. */
  readonly isSorted: boolean;
  /** `Variable(…, volatile=True)`: what is computed from it gets no gradient. */
  readonly isVolatile: boolean;
}

export interface Origin {
  readonly forward: Forward;
  readonly isDetached: boolean;
}

export interface TracedUnknown {
  readonly kind: "unknown";
  readonly id: number;
  readonly children: Fields;
  /** The default of a command line option. */
  readonly hint: Constant | undefined;
  readonly names: Set<string>;
  readonly inputs: readonly TracedValue[];
  /** What it is an attribute or an element of. */
  readonly owner?: TracedUnknown;
}

export interface UnionValue {
  readonly kind: "union";
  readonly options: readonly TracedValue[];
}

/** Not bound on one of the paths that meet here. */
export interface AbsentValue {
  readonly kind: "absent";
}

export interface ModesValue {
  readonly kind: "modes";
  readonly entries: readonly ModeEntry[];
}

export interface ModeEntry {
  readonly mode: "train" | "eval" | "unknown";
  /** The call that set it; null for the mode a module is made in. */
  readonly site: Site | null;
  readonly loops: readonly LoopVisit[];
  readonly guards: readonly Guard[];
  /** An eval() that was meant to last and that a later call on the whole model has replaced. */
  readonly undid: Site | null;
  /** Set with the intent to freeze: on this module or one above it, or on the normalization layers of it. */
  readonly freezes: { readonly what: "module" | "norm"; readonly on: ObjectValue } | null;
  /** The alternatives it was set through, when the call did not say which of them it meant. */
  readonly choice: string | null;
}

/** Whether parameters get gradients, and the statement that says so. */
export interface GradValue {
  readonly isOn: boolean;
  readonly site: Site;
}

/** An assumption a branch stands for. */
export interface Guard {
  readonly key: string;
  readonly truth: boolean;
}

/** What one way left in a place, and what contains on that way. */
export interface Left<Content> {
  readonly content: Content;
  readonly guards: readonly Guard[];
}

export interface Loop {
  readonly site: Site;
  readonly iterable: TracedValue | null;
  readonly words: readonly string[];
}

export interface LoopVisit {
  readonly loop: Loop;
  readonly iteration: number;
}

export interface Frame {
  readonly node: FunctionStatement | LambdaExpression | null;
  readonly file: SourceFile;
  /** The call that entered it. */
  readonly call: Site | null;
}

/** A module was called. */
export interface Forward {
  readonly module: ObjectValue;
  readonly site: Site;
  readonly frames: readonly Frame[];
  readonly loops: readonly LoopVisit[];
  readonly modes: readonly ModeEntry[];
  readonly noGrad: boolean;
  readonly args: readonly TracedValue[];
  /** The alternatives it was called through. */
  readonly choice: string | null;
  readonly words: readonly string[];
  /** Passes of its parts, as far as its own forward was followed. */
  readonly inside: readonly Forward[];
  /** Inside another module's own forward. */
  readonly isInner: boolean;
  readonly root: Root;
  /** It certainly had BN then: what later happens to its parts does not matter. */
  readonly hasNorm: boolean;
  /** Every BN layer in it was in eval mode although the module itself may train. */
  readonly isHeld: boolean;
  /** Modes of modules in it whose normalization was set back to train although it was to stay frozen. */
  readonly thawed: readonly ModeEntry[];
  /** Modules in it, or it, whose parameters get no gradient while their normalization is in train mode. */
  readonly drifting: readonly Drift[];
  /** A BN layer in it keeps its statistics in 16 bits. */
  readonly lowPrecision: LowPrecision | null;
  training: { readonly modes: readonly ModeEntry[]; readonly site: Site } | null;
}

export interface Drift {
  readonly module: ObjectValue;
  readonly grad: GradValue;
}

/** Where the following of calls began: the file's own statements, or a function that is not called here. */
export interface Root {
  readonly name: string | null;
}

export interface Args {
  readonly positional: readonly TracedValue[];
  readonly keyword: ReadonlyMap<string, TracedValue>;
  readonly isComplete: boolean;
  readonly nodes: readonly Argument[];
}

export type TracedValue =
  | ConstantValue
  | ExternalValue
  | ImportedValue
  | FileValue
  | TracedFunction
  | TracedPartial
  | GivesValue
  | TracedClass
  | ObjectValue
  | TracedMethod
  | TracedSuper
  | PartValue
  | TracedTensor
  | TracedUnknown
  | UnionValue
  | AbsentValue
  | ModesValue;

export const NO_ARGS: Args = { positional: [], keyword: new Map(), isComplete: true, nodes: [] };
export const ABSENT: AbsentValue = { kind: "absent" };
export const constant = (value: Constant): ConstantValue => ({ kind: "constant", value });
export const external = (path: string): ExternalValue => ({ kind: "external", path });

/** A union's alternatives, or the value itself. */
export function optionsOf(value: TracedValue): readonly TracedValue[] {
  return value.kind === "union" ? value.options : [value];
}

export function unionOf(values: readonly TracedValue[]): TracedValue {
  const [single] = values;
  if (values.length === 1 && single !== undefined) return single;
  const options: TracedValue[] = [];
  let unknowns = 0;
  for (const value of values) {
    for (const option of optionsOf(value)) {
      // What is computed from data has no alternatives worth telling apart; networks and flags have.
      if ((option.kind === "unknown" || option.kind === "tensor") && ++unknowns > MOST_UNKNOWNS) continue;
      if (options.length < MOST_OPTIONS && !options.some((known) => isSame(known, option))) options.push(option);
    }
  }
  const [first] = options;
  return options.length === 1 && first !== undefined ? first : { kind: "union", options };
}

const MOST_OPTIONS = 12;
const MOST_UNKNOWNS = 4;

function isSame(a: TracedValue, b: TracedValue): boolean {
  if (a === b || (a.kind === "absent" && b.kind === "absent")) return true;
  if (a.kind === "constant" && b.kind === "constant") return a.value === b.value;
  if (a.kind === "external" && b.kind === "external") return a.path === b.path;
  return a.kind === "part" && b.kind === "part" && SAME_PART.every((key) => a[key] === b[key]);
}

const SAME_PART = ["of", "what", "isGroup", "without", "named", "picked"] as const;

/** The argument of a call, by keyword or by position; null when it is not given or cannot be known. */
export function argument(args: Args, name: string, position: number): TracedValue | null {
  return args.keyword.get(name) ?? args.positional[position] ?? null;
}

/** Modules among the alternatives of a value. */
export function modulesIn(value: TracedValue): ObjectValue[] {
  return optionsOf(value).filter((option): option is ObjectValue => option.kind === "object" && option.isModule);
}
