/** A model file, evaluated once for all of its models. */
import type { SourceFile } from "../python/parse";
import type { Annotation, AnnotationIssue } from "./annotations/annotation";
import { parseAnnotations } from "./annotations/parseAnnotations";
import { findCandidates, type ModelCandidate } from "./candidates";
import { createMachine, defaultLimits } from "./interpreter/createMachine";
import type { Machine } from "./interpreter/machine";
import { moduleScope } from "./interpreter/scope";
import type { InstanceValue, Scope } from "./interpreter/values";
import { expectFormat } from "./keras/expectedFormat";
import { nameAsTfjs } from "./keras/kerasState";
import { createLibrary } from "./libraries/createLibrary";
import type { ReadModelInput } from "./modelReading";
import { isJavaScript } from "./tfjs/parseJavaScript";

/** A model file that has been evaluated, so that its models can be read one after the other. */
export interface OpenedFile {
  readonly input: ReadModelInput;
  readonly file: SourceFile;
  readonly machine: Machine;
  readonly scope: Scope;
  readonly candidates: readonly ModelCandidate[];
  readonly annotations: readonly Annotation[];
  readonly annotationIssues: readonly AnnotationIssue[];
  /** Every module that its statements make, named or not. */
  readonly made: readonly InstanceValue[];
}

/**
 * Evaluates a file, as the script that is run where it `isRun`. Nobody asks a script for models of its own, so its
 * functions are not tried out then.
 */
export function openFile(input: ReadModelInput, file: SourceFile, isRun = false): OpenedFile {
  const { annotations, issues } = parseAnnotations(file);
  const machine = createMachine(
    createLibrary(),
    input.limits ?? defaultLimits,
    input.resolveModule ?? null,
    input.readSettings ?? null,
  );
  if (isJavaScript(file.path)) nameAsTfjs(machine);
  if (isRun) machine.script = file.path;
  expectFormat(machine, file, input);
  const scope = moduleScope(file);
  const made: InstanceValue[] = (machine.made = []);
  machine.modules.enter(file, scope);
  machine.made = null;
  const { budget } = machine;
  const stopped = budget.exceeded;
  const candidates = isRun ? [] : findCandidates(machine, scope);
  // Functions that were tried out took steps of their own.
  budget.restart();
  budget.exceeded = stopped;
  return { input, file, machine, scope, candidates, annotations, annotationIssues: issues, made };
}

/** Reads one of several models of a file as if it were the only one, and takes back what it changes. */
export function separately<T>(machine: Machine, run: () => T, steps?: number): T {
  const { budget, journal, frozen } = machine;
  const { length } = frozen;
  const stopped = budget.exceeded;
  budget.restart(steps);
  const result = journal.attempt(run);
  budget.exceeded = stopped;
  frozen.length = length;
  return result;
}
