/**
 * `self.generator(z)` in a GradientTape, where the class is given its models: what makes it says which have BN, in this
 * file or in one that imports it.
 */
import type { CallExpression, Expression } from "../../python/expressions";
import { parsePythonIfValid, type SourceFile } from "../../python/parse";
import type { ModuleSource, ResolveModule } from "../../python/resolveModule";
import type { ClassStatement, FunctionStatement } from "../../python/statements";
import { assignmentsIn, callsIn, dottedName, functionsIn, nodesIn } from "../../python/walk";
import { namesOf } from "../python/constants";
import { classAround } from "../python/enclosing";
import { codeOf, type ImportedDefinition, importedDefinitions } from "../python/importedDefinitions";
import { isKerasModel } from "../python/kerasModels";
import type { SourceFinding } from "../sourceFinding";
import { callsThatTrain, describeCalls, isInferredByDefault, isLoop } from "./kerasCallWithoutTraining";

export interface Project {
  readonly resolveModule: ResolveModule | null;
  /** Files beside this one that import it. */
  readonly callers: () => readonly ModuleSource[];
}

export function kerasGivenCallWithoutTraining(file: SourceFile, project: Project): SourceFinding[] {
  if (!isLoop(file)) return [];
  const byName = new Map<string, CallExpression[]>();
  for (const call of callsThatTrain(file)) {
    const name = dottedName(call.callee) ?? "";
    if (/^self\.\w+$/.test(name)) byName.set(name, [...(byName.get(name) ?? []), call]);
  }
  return [...byName].flatMap(([name, calls]) => {
    const [first] = calls;
    const cls = first === undefined ? null : classAround(file, first);
    const isMeant = cls !== null && !trainsElsewhere(cls, name) && isGivenNorms(file, cls, name, project);
    return first !== undefined && isMeant
      ? [describeCalls({ file, names: namesOf(file) }, name, first, calls.length)]
      : [];
  });
}

const trainsElsewhere = (cls: ClassStatement, name: string): boolean =>
  callsIn(cls).some(
    (call) =>
      dottedName(call.callee) === name &&
      call.arguments.some((argument) => argument.kind === "keyword" && argument.name === "training"),
  );

/** Whatever makes the class gives it a model with BN there. */
function isGivenNorms(file: SourceFile, cls: ClassStatement, name: string, project: Project): boolean {
  const constructor = functionsIn(cls.body).find((fn) => fn.name === "__init__");
  const parameter = constructor === undefined ? null : parameterOf(constructor, name);
  if (constructor === undefined || parameter === null) return false;
  const position = constructor.parameters.findIndex((one) => one.name === parameter) - 1;
  const sources = [file, ...project.callers().flatMap(({ path, text }) => parsePythonIfValid(path, text) ?? [])];
  const given = sources.flatMap((source) =>
    callsIn(source.module.body)
      .filter(({ callee }) => dottedName(callee)?.split(".").at(-1) === cls.name)
      .map((call) => ({ source, value: argumentOf(call, parameter, position) })),
  );
  return given.length > 0 && given.every(({ source, value }) => value !== null && hasNorms(source, value, project));
}

/** `self.generator = generator` */
function parameterOf(constructor: FunctionStatement, name: string): string | null {
  const kept = assignmentsIn(constructor.body).filter(({ targets }) =>
    targets.some((target) => dottedName(target) === name),
  );
  const [only] = kept;
  return kept.length === 1 && only?.value.kind === "name" ? only.value.name : null;
}

function argumentOf({ arguments: args }: CallExpression, name: string, position: number): Expression | null {
  const keyword = args.find((argument) => argument.kind === "keyword" && argument.name === name);
  const positional = args[position];
  return keyword?.value ?? (positional?.kind === "positional" ? positional.value : null);
}

/** A call that makes a model with BN, or a name that contains nothing else. */
function hasNorms(source: SourceFile, value: Expression, project: Project): boolean {
  if (value.kind === "call") return makesNorms(source, value, project);
  const name = dottedName(value);
  if (name === null) return false;
  const made = assignmentsIn(source.module.body).flatMap((statement) =>
    statement.targets.flatMap((target): boolean[] => {
      if (dottedName(target) === name) return [hasNormsAs(source, name, statement.value, project)];
      const index = target.kind === "sequence" ? target.elements.findIndex((one) => dottedName(one) === name) : -1;
      return index < 0 ? [] : [returnsNorms(source, statement.value, index, project)];
    }),
  );
  return made.length === 1 && made[0] === true;
}

/** `model = Sequential()` gets its layers one by one. */
const hasNormsAs = (source: SourceFile, name: string, value: Expression, project: Project): boolean =>
  (value.kind === "call" && makesNorms(source, value, project)) ||
  (value.kind === "call" &&
    isKerasModel(value.callee, namesOf(source).imports) &&
    callsIn(source.module.body).some(
      (call) => dottedName(call.callee) === `${name}.add` && codeOf(source, call).includes("BatchNormalization"),
    ));

function makesNorms(source: SourceFile, call: CallExpression, project: Project): boolean {
  if (isKerasModel(call.callee, namesOf(source).imports)) return codeOf(source, call).includes("BatchNormalization");
  const made = definitionOf(source, call, project);
  return made !== null && !returnsSeveral(made) && isInferredByDefault(made);
}

/** One of several models that a function returns. */
function returnsNorms(source: SourceFile, value: Expression, index: number, project: Project): boolean {
  const made = value.kind === "call" ? definitionOf(source, value, project) : null;
  if (made === null) return false;
  const [returned, ...others] = returnedBy(made);
  const element = returned?.kind === "sequence" ? returned.elements[index] : undefined;
  const name = element === undefined ? null : dottedName(element);
  const makes = assignmentsIn(made.definition.body).filter(({ targets }) =>
    targets.some((target) => dottedName(target) === name),
  );
  const [only] = makes;
  const isOnly = name !== null && only !== undefined && others.length === 0 && makes.length === 1;
  return isOnly && hasNormsAs(made.file, name, only.value, project);
}

const returnedBy = ({ definition }: ImportedDefinition): Expression[] =>
  nodesIn(definition.body).flatMap((node) => (node.kind === "return" && node.value !== null ? [node.value] : []));

const returnsSeveral = (made: ImportedDefinition): boolean => returnedBy(made).some(({ kind }) => kind === "sequence");

function definitionOf(
  source: SourceFile,
  { callee }: CallExpression,
  { resolveModule }: Project,
): ImportedDefinition | null {
  const name = dottedName(callee);
  if (name === null) return null;
  const own = source.module.body.find(
    (statement): statement is ClassStatement | FunctionStatement =>
      (statement.kind === "class" || statement.kind === "function") && statement.name === name,
  );
  if (own !== undefined) return { file: source, definition: own };
  return resolveModule === null ? null : importedDefinitions(source, resolveModule)(name);
}
