/**
 * What Python values the reader knows. Everything that it cannot determine is an `unknown`, which carries the reason
 * and the place where certainty ended; operations on unknowns give the same unknown back, so that a person is shown
 * the cause and not a consequence.
 */
import type { LayerOp } from "../../protocol/layerOps";
import type { Remedy, SourceRange } from "../../protocol/modelGraph";
import type { Shape } from "../../protocol/shape";
import type { Expression, Parameter } from "../../python/expressions";
import type { Block } from "../../python/statements";
import type { SourceFile } from "../../python/parse";
import type { ModuleRequest } from "../../python/resolveModule";

export type Value =
  | IntValue
  | FloatValue
  | StringValue
  | BoolValue
  | NoneValue
  | TupleValue
  | ListValue
  | SetValue
  | DictValue
  | RangeValue
  | SliceValue
  | FunctionValue
  | ClassValue
  | InstanceValue
  | BoundMethodValue
  | SuperValue
  | MethodValue
  | LibraryValue
  | PartialValue
  | TensorValue
  | BatchSizeValue
  | SizesValue
  | NamespaceValue
  | DeferredValue
  | OpenValue
  | PathValue
  | FileValue
  | UnknownValue;

/** A pathlib.Path. */
export interface PathValue {
  readonly kind: "path";
  readonly path: string;
}

/** What `open(path)` gives. */
export interface FileValue {
  readonly kind: "file";
  readonly path: string;
}

/** What follows from an argument that nobody gave has a likely value, and says so. */
export interface Assumable {
  readonly assumed?: true;
}

export interface IntValue extends Assumable {
  readonly kind: "int";
  readonly value: number;
}

export interface FloatValue extends Assumable {
  readonly kind: "float";
  readonly value: number;
}

export interface StringValue extends Assumable {
  readonly kind: "string";
  readonly value: string;
}

export interface BoolValue extends Assumable {
  readonly kind: "bool";
  readonly value: boolean;
  /** True for a module's own flag `training`, which is false in evaluation. */
  readonly isTrainingMode?: true;
}

export interface NoneValue {
  readonly kind: "none";
}

/** One Python namespace: a module's, a class body's or one call's. */
export interface Scope {
  readonly kind: "module" | "class" | "function";
  readonly variables: Map<string, Value>;
  readonly parent: Scope | null;
  readonly file: SourceFile;
  /** Names that `global` and `nonlocal` send elsewhere. */
  readonly redirected: Map<string, Scope>;
  /** Paths of `from m import *`, in order. */
  readonly starImports: string[];
  /** For `super()` without arguments. */
  readonly owner: ClassValue | null;
  readonly self: Value | null;
}

export interface TupleValue {
  readonly kind: "tuple";
  readonly elements: readonly Value[];
}

export interface ListValue {
  readonly kind: "list";
  elements: Value[];
  /** Set when a branch that may or may not run changed the list. */
  taint: UnknownValue | null;
}

export interface SetValue {
  readonly kind: "set";
  /** Each once, in no particular order. */
  elements: readonly Value[];
  taint: UnknownValue | null;
}

export interface DictEntryValue {
  readonly key: Value;
  readonly value: Value;
}

export interface DictValue {
  readonly kind: "dict";
  /** True for keyword arguments of a call that nobody wrote: there may be others. */
  readonly isOpen?: true;
  /** By `dictKey`. */
  entries: Map<string, DictEntryValue>;
  taint: UnknownValue | null;
}

export interface RangeValue {
  readonly kind: "range";
  readonly start: number;
  readonly stop: number;
  readonly step: number;
}

export interface SliceValue {
  readonly kind: "slice";
  readonly lower: Value;
  readonly upper: Value;
  readonly step: Value;
}

export interface FunctionValue {
  readonly kind: "function";
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** Defaults are evaluated once, where the function is defined. */
  readonly defaults: ReadonlyMap<string, Value>;
  /** A lambda's body is an expression. */
  readonly body: Block | Expression;
  readonly closure: Scope;
  /** The class whose body defines it, for `super()`. */
  readonly owner: ClassValue | null;
  readonly binding: "instance" | "static" | "class" | "property";
  readonly isAsync: boolean;
  /** The function that functools.wraps made it look like. */
  readonly wrapped?: FunctionValue;
  readonly range: SourceRange;
}

export interface ClassValue {
  readonly kind: "class";
  readonly name: string;
  readonly namespace: Map<string, Value>;
  /** Method resolution order, itself first; `LibraryValue`s for torch's classes. */
  mro: readonly Value[];
  readonly range: SourceRange;
}

/** A layer of torch.nn as its constructor's arguments describe it. */
export interface LayerDescription {
  readonly className: string;
  readonly op: LayerOp;
  /** Trainable parameters; null when an argument they depend on is unknown. */
  readonly parameters: number | null;
  /** Its arguments that follow from one that nobody gave; `*` where any other may be given as well. */
  readonly assumed?: readonly string[];
  /** How many values a call returns, for recurrent layers (`output, hidden`). */
  readonly outputs: number;
  /** True when all of them but the first come in a tuple. */
  readonly restIsTuple?: boolean;
  readonly range: SourceRange;
}

/** `parameters` and `buffers` are lists and dicts of tensors, which are attributes of the module. */
export type ContainerKind = "sequential" | "list" | "dict" | "wrapper" | "tensorList" | "tensorDict";

/** What makes an instance a torch.nn.Module. */
export interface ModuleState {
  /** Modules in the order of their registration; an unknown stands for a child that could not be determined. */
  readonly children: Map<string, Value>;
  /** Its own nn.Parameters, with how many values each has. */
  readonly parameters: Map<string, number | null>;
  layer: LayerDescription | null;
  container: ContainerKind | null;
  /** What could not be determined while it was built. */
  readonly unknowns: UnknownValue[];
}

/** One call of a function of the user's, on top of those that led to it. */
export interface CallFrame {
  /** `ResNet._make_layer`. */
  readonly function: string;
  /** The call. */
  readonly calledAt: SourceRange;
  /** The function the call is in; null at the top of a file. */
  readonly caller: CallFrame | null;
}

export interface InstanceValue {
  readonly kind: "instance";
  readonly cls: ClassValue | LibraryValue;
  readonly attributes: Map<string, Value>;
  readonly module: ModuleState | null;
  readonly range: SourceRange;
  /** For what may be a layer: the call it was made in; null at the top of a file. */
  readonly madeIn?: CallFrame | null;
}

export interface BoundMethodValue {
  readonly kind: "boundMethod";
  readonly self: Value;
  readonly function: FunctionValue;
}

export interface SuperValue {
  readonly kind: "super";
  readonly self: Value;
  readonly after: ClassValue;
}

/** A method that the interpreter implements itself: `list.append`, `Tensor.view`, `Module.to`. */
export interface MethodValue {
  readonly kind: "method";
  readonly receiver: Value;
  readonly name: string;
  /** The library class whose method is meant (`super().__init__`), else null. */
  readonly owner: string | null;
}

/** A name of an imported library or of Python's builtins, by its full path: `torch.nn.Conv2d`, `builtins.len`. */
export interface LibraryValue {
  readonly kind: "library";
  readonly path: string;
}

export interface PartialValue {
  readonly kind: "partial";
  readonly callee: Value;
  readonly positional: readonly Value[];
  readonly keywords: ReadonlyMap<string, Value>;
  /** Set by functools.partialmethod: as an attribute of a class it takes the instance in front. */
  readonly isMethod?: true;
}

export interface TensorValue {
  readonly kind: "tensor";
  /** The node of the forward pass that made it; null for a tensor that does not depend on the input. */
  readonly node: number | null;
  /** Without the batch axis when it comes from the input, complete otherwise; null when unknown. */
  readonly shape: Shape | null;
  readonly isParameter: boolean;
  /** Tensors with the same storage share their memory: one is a view of the other, or the other itself. */
  readonly storage?: number | undefined;
  /** The values of a small tensor that does not come from the input, where they are known. */
  readonly numbers?: NumericContent | undefined;
  /** Where the batch is; absent for the usual place, the first axis with one row for each sample. */
  readonly batch?: BatchPlace;
  /** The layer whose weight or running statistics it is, and under which name. */
  readonly of?: TensorOwner;
  /** Set for a tensor of Keras's functional API, which exists outside of any forward pass. */
  readonly keras?: KerasTensor;
}

export interface BatchPlace {
  /** Counted among all axes. */
  readonly axis: number;
  /** How many rows of that axis belong to each sample. */
  readonly rows: number;
}

export interface TensorOwner {
  readonly layer: InstanceValue;
  readonly name: string;
}

export interface NumericContent {
  readonly values: readonly number[];
  readonly isInteger: boolean;
  /** NumPy computes in float64, PyTorch in float32. */
  readonly isDouble: boolean;
  /** Shared by a tensor and its parts: set once anything may have changed the values in place. */
  readonly memory: { isChanged: boolean };
}

/** Sizes without the batch axis; null for one that is left open (`Input((None, None, 3))`). */
export type OpenShape = readonly (number | null)[];

/** What is known of a Keras tensor: the call that made it. */
export interface KerasTensor {
  readonly call: KerasCall;
  /** Which of the results of the call it is. */
  readonly index: number;
  readonly sizes: OpenShape | null;
}

/** One call of a layer or model whose own layers are called inside. */
export interface KerasInvocation {
  readonly instance: InstanceValue;
}

/** One call of a Keras layer. Calls are never changed, so a model can be walked back from its outputs. */
export interface KerasCall {
  /** Calls are counted in the order in which they happen. */
  readonly serial: number;
  readonly layer: InstanceValue;
  readonly inputs: readonly TensorValue[];
  /** The calls of models and user-defined layers that this call is part of, the outermost first. */
  readonly within: readonly KerasInvocation[];
  readonly op: LayerOp;
  readonly sizes: OpenShape | null;
  /** All weights of the layer as this call builds it; null when unknown. */
  readonly parameters: number | null;
  readonly problems: readonly UnknownValue[];
  /** False where the call says `training=False`. */
  readonly training: boolean;
  readonly range: SourceRange;
  /** Why nothing is known of what the call makes; it is among the problems. */
  readonly reason?: UnknownValue;
  /** True for an input whose sizes nobody gave: a layer may take another number of axes. */
  readonly isAssumed?: boolean;
}

/** `x.size(0)`: the number of samples in the batch, which the reader does not fix. */
export interface BatchSizeValue {
  readonly kind: "batchSize";
  /** How many times the number of samples it is; once when absent. */
  readonly rows?: number;
}

/** The shape of a tensor whose sizes are not known, except that the first is the batch size. */
export interface SizesValue {
  readonly kind: "sizes";
}

/** Another file of the workspace, as `import` evaluates it. */
export interface ModuleFile {
  readonly path: string;
  readonly scope: Scope;
  isLoading: boolean;
  /** Set when an exception ends the file. */
  failure: UnknownValue | null;
}

/** A module of the workspace: `models` after `import models`. */
export interface NamespaceValue {
  readonly kind: "namespace";
  readonly request: ModuleRequest;
}

/**
 * What an import statement binds: the other file is read when the name is needed. Only variables of a file hold these.
 */
export interface DeferredValue {
  readonly kind: "deferred";
  /** True for `import a`, false for `from a import b`. */
  readonly isModule: boolean;
  readonly load: () => Value;
}

/** An argument that nobody gave, or a part of one: what it is used as decides what it is (`openValues.ts`). */
export interface OpenValue {
  readonly kind: "open";
  /** Of the parameter, or of the attribute or key of another open value. */
  readonly name: string;
  readonly range: SourceRange;
  /** What it is a part of. */
  readonly whole: OpenValue | null;
  /** Attributes and items that were asked for, so that each is the same when it is asked for again. */
  readonly parts: Map<string, Value>;
}

export interface UnknownValue {
  readonly kind: "unknown";
  readonly reason: string;
  readonly range: SourceRange;
  /** True when it certainly contains no layer and no parameter (a number, a string, a device). */
  readonly isPlain: boolean;
  readonly remedy?: Remedy;
  /** True for a size that is known once the shape of the model's input is; that the shape is missing is said anyway. */
  readonly awaitsShape?: boolean;
}
