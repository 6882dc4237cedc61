import type { SourceRange } from "../../protocol/modelGraph";
import type { Expression } from "../../python/expressions";
import type { Block } from "../../python/statements";
import type { SourceFile } from "../../python/parse";
import type { ModuleRequest } from "../../python/resolveModule";
import type { Trace } from "../torch/trace";
import type { Choices } from "./choices";
import type { Journal } from "./journal";
import { unknown } from "./newValues";
import type { CallFrame, Scope, InstanceValue, ModuleFile, ModuleState, UnknownValue, Value } from "./values";

/** How a block of statements ended. */
export type Completion =
  | { readonly kind: "normal" | "break" | "continue" }
  | { readonly kind: "return"; readonly value: Value }
  | { readonly kind: "raise"; readonly reason: UnknownValue }
  /** It depends on something unknown whether the block was left, and how. */
  | MaybeCompletion;

export interface MaybeCompletion {
  readonly kind: "maybe";
  /** What it returns if it returns, or null when it certainly does not. */
  readonly value: Value | null;
  readonly mayBreak: boolean;
  readonly mayContinue: boolean;
  readonly reason: UnknownValue;
}

export interface CallArguments {
  readonly positional: readonly Value[];
  readonly keywords: ReadonlyMap<string, Value>;
  /** Set when `*args` or `**kwargs` could not be spread. */
  readonly taint: UnknownValue | null;
  /** True where others may be given, because nobody wrote the call that `**kwargs` comes from. */
  readonly isOpen?: boolean;
}

export const noArguments: CallArguments = { positional: [], keywords: new Map(), taint: null };

export interface LibraryCall {
  readonly machine: Machine;
  readonly path: string;
  readonly args: CallArguments;
  readonly range: SourceRange;
}

export type LibraryFunction = (call: LibraryCall) => Value;

/** A module class of torch.nn: what its `__init__` does to the instance. */
export type ModuleConstructor = (
  machine: Machine,
  instance: InstanceValue & { readonly module: ModuleState },
  args: CallArguments,
  range: SourceRange,
) => void;

/** What the interpreter knows of Python's builtins and of libraries, by full path. */
export interface Library {
  /** The path a name is known under: `torch.nn.modules.conv.Conv2d` is `torch.nn.Conv2d`. */
  canonicalPath(path: string): string;
  function(path: string): LibraryFunction | null;
  /** A function that is not known by itself, of a module whose functions make no layers. */
  plainFunction(path: string): LibraryFunction | null;
  moduleClass(path: string): ModuleConstructor | null;
  constant(path: string): Value | null;
  /** Whether a class that makes no module is known: what it does to an instance is in its functions. */
  plainClass(path: string): boolean;
  /** Methods of tensors and modules; null when there is none of that name. */
  tensorMethod(name: string): LibraryFunction | null;
  tensorAttribute(machine: Machine, tensor: Value, name: string, range: SourceRange): Value | null;
  /** `path` is the class that has the method, where that is asked. */
  moduleMethod(name: string, path?: string): LibraryFunction | null;
  /** Calls a module that has no `forward` of the user's. */
  callModule(
    machine: Machine,
    module: InstanceValue & { readonly module: ModuleState },
    args: CallArguments,
    range: SourceRange,
  ): Value;
  /** Calls a module outside of any forward pass, for the sizes of what comes out; null where they can't be known. */
  tryOut(
    machine: Machine,
    module: InstanceValue & { readonly module: ModuleState },
    args: CallArguments,
    range: SourceRange,
  ): Value | null;
  /** Calls a model of a framework whose graph is built outside of any forward pass (Keras); null for all others. */
  callAnytime(
    machine: Machine,
    module: InstanceValue & { readonly module: ModuleState },
    args: CallArguments,
    range: SourceRange,
  ): Value | null;
  /** The part of a library that a keyword argument of this name likely is, where nobody gave one; null for others. */
  keywordModule(name: string): Value | null;
  /** The full path of a name that a file uses without importing it, where its meaning is certain; null for others. */
  missingImport(file: SourceFile, name: string): string | null;
  /** The class of layers that an argument of this name likely is, where nobody gave one; null for others. */
  namedLayer(name: string): Value | null;
  /** What a call that is not followed gives where tensors of such a framework go in; null for all others. */
  unfollowedCall(
    machine: Machine,
    name: string,
    args: CallArguments,
    reason: UnknownValue,
    range: SourceRange,
  ): Value | null;
  /** What a variable is after branches of which one runs left these contents; null where that is not known. */
  eitherValue(machine: Machine, contents: readonly unknown[], reason: UnknownValue): Value | null;
  /** An attribute that a library's class computes (`model.layers`); null when there is none of that name. */
  moduleAttribute(machine: Machine, module: InstanceValue, name: string, range: SourceRange): Value | null;
  /** Arithmetic with at least one tensor. */
  tensorOperator(machine: Machine, operator: string, operands: readonly Value[], range: SourceRange): Value;
  /** `x += y` where `x` is a tensor: it changes in place. */
  tensorAugmented(machine: Machine, operator: string, operands: readonly Value[], range: SourceRange): Value;
  /** `x[index] = value` where `x` is a tensor. */
  tensorItemAssigned(machine: Machine, tensor: Value, index: Value, value: Value, range: SourceRange): void;
  /** The parts of a tensor that a loop over it sees. */
  tensorElements(machine: Machine, tensor: Value, range: SourceRange): readonly Value[] | UnknownValue;
  tensorSubscript(machine: Machine, tensor: Value, index: Value, range: SourceRange): Value;
}

export interface BudgetLimits {
  /** Of one model, and of the file's own statements. */
  readonly steps: number;
  /** Of all models of a file together, with its statements. */
  readonly wholeFile?: number;
  readonly callDepth: number;
  readonly nesting: number;
}

/**
 * Keeps the reading bounded. Steps count evaluated nodes; nothing here looks at a clock, so the same text always stops
 * at the same place.
 */
export class Budget {
  private steps = 0;
  private most: number;
  /** Steps of all models that were read before. */
  private earlier = 0;
  private calls = 0;
  private nesting = 0;
  /** Where it ran out. */
  exceeded: UnknownValue | null = null;

  constructor(private readonly limits: BudgetLimits) {
    this.most = limits.steps;
  }

  /** Counts one step; false when there are none left. */
  spend(count = 1): boolean {
    this.steps += count;
    return this.steps <= this.most;
  }

  /** Steps since the file was opened. */
  get total(): number {
    return this.earlier + this.steps;
  }

  /** Steps that are left for what is followed now. */
  get left(): number {
    return Math.max(0, this.most - this.steps);
  }

  /** Another model of the file begins, with so many steps, or as many as the file has left. */
  restart(steps = this.limits.steps): void {
    this.earlier = this.total;
    this.steps = 0;
    this.most = Math.min(steps, (this.limits.wholeFile ?? Infinity) - this.earlier);
  }

  /** Runs a part that may take no more than so many steps, and returns where it was stopped; null when it was not. */
  within(steps: number, run: () => void): UnknownValue | null {
    const { most, exceeded } = this;
    const own = this.steps + steps;
    if (own >= most) {
      run();
      return null;
    }
    this.most = own;
    this.exceeded = null;
    run();
    const stopped = this.exceeded;
    this.most = most;
    this.exceeded = exceeded;
    return stopped;
  }

  /** Starts again after the limit was reached, and returns where that was; null when it was not. */
  renew(steps = this.limits.steps): UnknownValue | null {
    const stopped = this.exceeded;
    if (stopped === null) return null;
    this.exceeded = null;
    this.restart(steps);
    return stopped;
  }

  /** Enters a step that may contain others; false when they are nested too deeply for the JavaScript stack. */
  enter(): boolean {
    if (this.nesting >= this.limits.nesting) return false;
    this.nesting++;
    return true;
  }

  leave(): void {
    this.nesting--;
  }

  /** Enters a call of a Python function; false when calls are nested too deeply. */
  enterCall(): boolean {
    if (this.calls >= this.limits.callDepth) return false;
    this.calls++;
    return true;
  }

  leaveCall(): void {
    this.calls--;
  }
}

/** Notes that reading stopped where the JavaScript stack has no room for more. */
export function tooDeep(machine: Machine, range: SourceRange): UnknownValue {
  const reason = unknown("the code is nested too deeply to follow", range);
  machine.budget.exceeded ??= reason;
  return reason;
}

/** The other files that the model file imports. */
export interface ModuleFiles {
  /** Runs the model file itself. */
  enter(file: SourceFile, scope: Scope): Completion;
  /** Null when the workspace has no such module, an unknown when it has one that cannot be read. */
  load(request: ModuleRequest, range: SourceRange): ModuleFile | UnknownValue | null;
  /** A model of a library that NormLens has a description of, by its full path. */
  builtIn(path: string): Value | null;
  /** The files that import each other, for a person to read. */
  cycle(path: string): string;
  /** Every file that was read, the model file first. */
  readonly paths: readonly string[];
}

/** The interpreter's parts as they see each other; `createMachine` puts them together. */
export interface Machine {
  readonly journal: Journal;
  readonly budget: Budget;
  readonly library: Library;
  readonly modules: ModuleFiles;
  /** The text of a file of settings beside the code (YAML, JSON); null when there is none that may be read. */
  settingsText(path: string, fromPath: string): string | null;
  /** Files of settings that were read. */
  readonly settingsFiles: string[];
  /** The call of the user's function that is being followed, if any. */
  frame: CallFrame | null;
  /** The forward pass being followed, if any. */
  trace: Trace | null;
  evaluate(expression: Expression, scope: Scope): Value;
  execute(block: Block, scope: Scope): Completion;
  call(callee: Value, args: CallArguments, range: SourceRange): Value;
  attribute(object: Value, name: string, range: SourceRange): Value;
  setAttribute(object: Value, name: string, value: Value, range: SourceRange): void;
  /** What concerns every model of the file: parameters are frozen, a class of the library is replaced. */
  readonly frozen: UnknownValue[];
  /** Modules that are made from now on, where somebody wants to know them. */
  made: InstanceValue[] | null;
  /** The file that is run, not imported: its `__name__` is `"__main__"`. */
  script: string | null;
  /** How branches on what nobody gave are decided; null where every argument is as the file says. */
  choices: Choices | null;
  /** Python's truth value of a condition, or the unknown that keeps it from being known. */
  decide(value: Value, test: Expression, scope: Scope): boolean | UnknownValue;
  /** Notes that something unknown matters to what is being built or followed now. */
  report(reason: UnknownValue): void;
  /** Collects what is reported while `run` runs. */
  collecting<T>(into: UnknownValue[], run: () => T): T;
}
