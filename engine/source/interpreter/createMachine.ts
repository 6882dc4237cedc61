import type { ReadSettings, ResolveModule } from "../../python/resolveModule";
import type { Trace } from "../torch/trace";
import { assignAttribute, attributeOf } from "./attributes";
import { callValue } from "./calls";
import { evaluate } from "./evaluate";
import { execute } from "./execute";
import { Journal } from "./journal";
import { ModuleLoader } from "./moduleLoader";
import { isAssumed } from "./openValues";
import { rangeIn } from "./scope";
import { truthOf } from "./truth";
import { Budget, type BudgetLimits, tooDeep, type Library, type Machine } from "./machine";
import type { UnknownValue, Value } from "./values";

export type MachineLimits = BudgetLimits;

/**
 * Far above what real model files need (the largest measured takes about 200,000 steps), and over in a second. Nesting
 * ends well before the JavaScript stack does, whatever the statements are; calls that go round in a circle end before
 * nesting.
 */
export const defaultLimits: MachineLimits = { steps: 1_000_000, callDepth: 80, nesting: 400 };

/** A fresh interpreter. It runs nothing of the user's: it follows the syntax tree over values it knows. */
export function createMachine(
  library: Library,
  limits: MachineLimits = defaultLimits,
  resolve: ResolveModule | null = null,
  readSettings: ReadSettings | null = null,
): Machine {
  const collectors: UnknownValue[][] = [];
  const budget = new Budget(limits);
  const journal = new Journal(
    (steps) => budget.spend(steps),
    (contents, reason): Value | null => library.eitherValue(machine, contents, reason),
  );
  let trace: Trace | null = null;
  const machine: Machine = {
    journal,
    budget,
    frame: null,
    choices: null,
    made: null,
    script: null,
    settingsFiles: [],
    settingsText: (path, fromPath) => {
      const found = readSettings?.(path, fromPath) ?? null;
      if (found !== null) machine.settingsFiles.push(found.path);
      return found?.text ?? null;
    },
    frozen: [],
    library,
    get modules() {
      return modules;
    },
    get trace() {
      return trace;
    },
    set trace(value) {
      trace = value;
    },
    evaluate: (expression, scope) => evaluate(machine, expression, scope),
    execute: (block, scope) => execute(machine, block, scope),
    call: (callee, args, range) => {
      if (!budget.enter()) return tooDeep(machine, range);
      const result = callValue(machine, callee, args, range);
      budget.leave();
      return result;
    },
    decide: (value, test, scope) => {
      const truth = truthOf(value, rangeIn(scope, test));
      if (machine.choices === null || typeof truth !== "boolean" || !isAssumed(value)) return truth;
      const text = scope.file.text.slice(test.from, test.to);
      return machine.choices.decide([scope.file.path, machine.frame?.function, text].join(":"), truth);
    },
    attribute: (object, name, range) => attributeOf(machine, object, name, range),
    setAttribute: (object, name, value, range) => {
      assignAttribute(machine, object, name, value, range);
    },
    // In a branch that may not run, what matters is reported when the branches are joined.
    report: (reason) => {
      if (!journal.isUncertain) collectors.at(-1)?.push(reason);
    },
    collecting: (into, run) => {
      collectors.push(into);
      const result = run();
      collectors.pop();
      return result;
    },
  };
  const modules = new ModuleLoader(machine, resolve);
  return machine;
}
