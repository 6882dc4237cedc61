/**
 * Whether a name of a Keras file certainly stands for a model with BN: followed by its text through assignments,
 * functions, classes and parameters, in this file, those that it imports, and those beside it that import it.
 */
import type { CallExpression, Expression } from "../../python/expressions";
import { parsePythonIfValid, type SourceFile } from "../../python/parse";
import type { ModuleSource, ResolveModule } from "../../python/resolveModule";
import type { ClassStatement, FunctionStatement } from "../../python/statements";
import { assignmentsIn, callsIn, dottedName, namesIn, nodesIn } from "../../python/walk";
import { addedTo, binds, grows, returnedBy, valuesFor, valuesOf } from "./assignedModels";
import { fullPath, namesOf } from "./constants";
import { classAround, functionAround, isInside } from "./enclosing";
import { codeOf, type ImportedDefinition, importedDefinitions, leadsTo } from "./importedDefinitions";
import { APPLICATION, isFrozenThroughout, isKerasModel, WITHOUT_NORM } from "./kerasModels";

export interface Project {
  readonly resolveModule: ResolveModule | null;
  /** Files beside this one that import it. */
  readonly callers: () => readonly ModuleSource[];
}

/** An expression, and where it stands. */
interface Place {
  readonly file: SourceFile;
  readonly value: Expression;
}

/** The classes and functions that make a model; none where a file makes it by the way. */
export type Makers = readonly ImportedDefinition[];

const DEPTH = 8;

/** What a name is, its other values say: it comes back from a function that got it, or from a file of weights. */
const ELSEWHERE: Makers = [];

const LOADED = /(^|\.)keras\.(models|saving)\.load_model$/;

/** What makes the model that an expression is; null unless it certainly has BN. */
export class KerasNorms {
  private others: readonly SourceFile[] | null = null;
  private readonly open = new Set<string>();
  private readonly imported = new Map<SourceFile, (dotted: string) => ImportedDefinition | null>();

  constructor(private readonly project: Project) {}

  makersOf(file: SourceFile, value: Expression): Makers | null {
    const makers = this.follow({ file, value }, DEPTH);
    return makers === ELSEWHERE ? null : makers;
  }

  private follow({ file, value }: Place, depth: number): Makers | null {
    if (depth === 0) return null;
    if (value.kind === "call") return this.called(file, value, depth - 1);
    const name = dottedName(value);
    if (name === null) return this.member(file, value, depth - 1);
    if (name === "self") {
      const definition = classAround(file, value);
      return (
        this.ofClass(file, definition) ??
        (definition === null ? null : this.ofGraphClass({ file, definition }, depth - 1))
      );
    }
    if (name.startsWith("self."))
      return this.attribute(file, classAround(file, value), name, depth - 1) ?? this.member(file, value, depth - 1);
    for (let fn = functionAround(file, value); fn !== null; fn = functionAround(file, fn)) {
      const bound = this.boundIn(file, fn, name, depth - 1);
      if (bound !== "not here") return bound;
      if (fn.parameters.some((parameter) => parameter.name === name)) return this.given(file, fn, name, depth - 1);
    }
    const bound = this.boundIn(file, null, name, depth - 1);
    return bound === "not here" ? this.member(file, value, depth - 1) : bound;
  }

  /** A name that is followed already is what its other values are. */
  private once<T>(key: string, follow: () => T): T | Makers {
    if (this.open.has(key)) return ELSEWHERE;
    this.open.add(key);
    const found = follow();
    this.open.delete(key);
    return found;
  }

  /** Everything that is assigned to a name in a function itself, or at the file's own level, has BN. */
  private boundIn(
    file: SourceFile,
    within: FunctionStatement | null,
    name: string,
    depth: number,
  ): Makers | null | "not here" {
    const values = assignmentsIn(within?.body ?? file.module.body)
      .filter((statement) => functionAround(file, statement) === within)
      .flatMap(({ targets, value }) => targets.flatMap((target) => valuesFor(target, name, value)));
    return values.length === 0
      ? "not here"
      : this.once(`${file.path} ${within?.from ?? ""} ${name}`, () =>
          all(values.map(({ value, index }) => this.element(file, name, value, index, depth))),
        );
  }

  private element(
    file: SourceFile,
    name: string,
    value: Expression,
    index: number | null,
    depth: number,
  ): Makers | null {
    if (index !== null) return value.kind === "call" ? this.oneReturned(file, value, index, depth) : null;
    return this.follow({ file, value }, depth) ?? addedTo(file, name, value);
  }

  private called(file: SourceFile, call: CallExpression, depth: number): Makers | null {
    const path = fullPath(call.callee, namesOf(file).imports) ?? "";
    const [, application] = APPLICATION.exec(path) ?? [];
    if (application !== undefined) return WITHOUT_NORM.test(application) ? null : [];
    if (LOADED.test(path)) return ELSEWHERE;
    const choices = this.choices(file, call.callee);
    if (choices !== null) return all(choices.map((callee) => this.called(file, { ...call, callee }, depth)));
    if (isKerasModel(call.callee, namesOf(file).imports)) return this.hasOwnNorms(file, call, depth) ? [] : null;
    const made = this.definitionOf(file, call.callee);
    if (made === null) return null;
    const { definition } = made;
    if (definition.kind === "class")
      return (
        this.ofClass(made.file, definition) ??
        (isGraphClass(made) && this.hasOwnNorms(file, call, depth) ? [made] : null)
      );
    const returned = returnedBy(made);
    const makers =
      returned.length === 0 ? null : all(returned.map((value) => this.follow({ file: made.file, value }, depth)));
    return madeBy(made, makers);
  }

  /** `encoders[name]` of a dict of classes and functions. */
  private choices(file: SourceFile, callee: Expression): readonly Expression[] | null {
    const name = callee.kind === "subscript" ? dottedName(callee.object) : null;
    const tables = assignmentsIn(file.module.body).flatMap(({ targets, value }) =>
      targets.some((target) => dottedName(target) === name) ? [value] : [],
    );
    const [table, ...others] = name === null ? [] : tables;
    if (table === undefined || others.length > 0) return null;
    const values = table.kind === "dict" ? table.entries.map(({ value }) => value) : [];
    return values.length > 0 ? values : null;
  }

  /** `Model(inputs, outputs)`, `Sequential([…])`: BN is among what the arguments are made of. */
  private hasOwnNorms(file: SourceFile, call: CallExpression, depth: number): boolean {
    const around = functionAround(file, call);
    const body = around?.body ?? file.module.body;
    const sources = [
      ...assignmentsIn(body),
      ...nodesIn(body).flatMap((node) =>
        node.kind === "for" ? [{ targets: [node.target], value: node.iterable }] : [],
      ),
    ];
    const pending: Expression[] = call.arguments.map(({ value }) => value);
    const seen = new Set<string>();
    for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
      if (codeOf(file, value).includes("BatchNormalization")) return true;
      if (callsIn(value).some(({ callee }) => this.leadsToNorm(file, callee))) return true;
      for (const { name } of namesIn(value)) {
        if (seen.has(name)) continue;
        seen.add(name);
        if (isFrozenThroughout(file, name)) continue;
        pending.push(
          ...sources.flatMap((one) => (one.targets.some((target) => binds(target, name)) ? [one.value] : [])),
        );
        if (depth > 0 && callsIn(body).some((one) => grows(file, one, name))) return true;
      }
    }
    return false;
  }

  private leadsToNorm(file: SourceFile, callee: Expression): boolean {
    const path = fullPath(callee, namesOf(file).imports) ?? "";
    const [, application] = APPLICATION.exec(path) ?? [];
    if (application !== undefined) return !WITHOUT_NORM.test(application);
    const choices = this.choices(file, callee);
    if (choices !== null) return choices.every((choice) => this.leadsToNorm(file, choice));
    const made = this.definitionOf(file, callee);
    return made !== null && leadsTo(made, "BatchNormalization");
  }

  private ofClass(file: SourceFile, definition: ClassStatement | null): Makers | null {
    if (definition === null) return null;
    const made = { file, definition };
    const isModel = definition.arguments.some(({ value }) => isKerasModel(value, namesOf(file).imports));
    return isModel && leadsTo(made, "BatchNormalization") ? [made] : null;
  }

  /** `class Own(keras.Model)` with a step of its own, whose graph is given to it wherever it is made. */
  private ofGraphClass(made: ImportedDefinition, depth: number): Makers | null {
    if (depth === 0 || !isGraphClass(made)) return null;
    const makes = [made.file, ...this.callers()].flatMap((source) =>
      callsIn(source.module.body)
        .filter(({ callee }) => dottedName(callee)?.split(".").at(-1) === made.definition.name)
        .map((call) => this.hasOwnNorms(source, call, depth)),
    );
    return makes.length > 0 && !makes.includes(false) ? [made] : null;
  }

  /** `self.net`: whatever the class assigns to it. */
  private attribute(file: SourceFile, cls: ClassStatement | null, name: string, depth: number): Makers | null {
    const values =
      cls === null
        ? []
        : assignmentsIn(cls).flatMap(({ targets, value }) =>
            targets.flatMap((target) => valuesFor(target, name, value)),
          );
    return values.length === 0
      ? null
      : this.once(`${file.path} ${cls?.from ?? ""} ${name}`, () =>
          all(values.map(({ value, index }) => this.element(file, name, value, index, depth))),
        );
  }

  /** `Trainer(args).net`, `self.actor.target`: what the class of that object assigns to it. */
  private member(file: SourceFile, value: Expression, depth: number): Makers | null {
    if (value.kind !== "attribute" || depth <= 0) return null;
    const owner = this.ownerOf(file, value.object);
    return owner === null ? null : this.attribute(owner.file, owner.definition, `self.${value.name}`, depth);
  }

  /** The class of the project that an object is of, in everything that is assigned to its name. */
  private ownerOf(file: SourceFile, object: Expression): Owner | null {
    const name = dottedName(object);
    const values = name === null ? [object] : valuesOf(file, object, name);
    const owners = values.map((value) => {
      const made = value.kind === "call" ? this.definitionOf(file, value.callee) : null;
      return made?.definition.kind === "class" ? { file: made.file, definition: made.definition } : null;
    });
    const [first] = owners;
    return owners.every((owner) => owner?.definition === first?.definition) ? (first ?? null) : null;
  }

  /** Whatever calls a function, or makes the class of an `__init__`, gives it a model with BN there. */
  private given(file: SourceFile, fn: FunctionStatement, name: string, depth: number): Makers | null {
    const cls = classAround(file, fn);
    const isMethod = cls !== null && cls.body.includes(fn) && fn.parameters[0]?.name === "self";
    const callee = isMethod && fn.name === "__init__" ? cls.name : fn.name;
    const position = fn.parameters.findIndex((one) => one.name === name) - Number(isMethod);
    const values = [file, ...this.callers()].flatMap((source) =>
      callsIn(source.module.body)
        .filter(
          (call) =>
            dottedName(call.callee)?.split(".").at(-1) === callee &&
            !(source === file && isInside(call, fn)) &&
            (!isMethod || this.isMethodOf(source, call.callee, cls)),
        )
        .map((call) => ({ file: source, value: argumentOf(call, name, position) })),
    );
    return values.length === 0
      ? null
      : this.once(`${file.path} ${fn.from} ${name}`, () =>
          all(
            values.map(({ file: source, value }) =>
              value === null ? null : this.follow({ file: source, value }, depth),
            ),
          ),
        );
  }

  /** Not where the object is certainly of another class. */
  private isMethodOf(source: SourceFile, callee: Expression, cls: ClassStatement): boolean {
    const owner = callee.kind === "attribute" ? this.ownerOf(source, callee.object) : null;
    return owner === null || owner.definition.name === cls.name;
  }

  /** One of several models that a function returns. */
  private oneReturned(file: SourceFile, call: CallExpression, index: number, depth: number): Makers | null {
    const made = this.definitionOf(file, call.callee);
    const [returned, ...others] = made === null ? [] : returnedBy(made);
    const element = returned?.kind === "sequence" ? returned.elements[index] : undefined;
    if (made === null || element === undefined || others.length > 0) return null;
    const makers = this.follow({ file: made.file, value: element }, depth);
    return madeBy(made, makers);
  }

  private callers(): readonly SourceFile[] {
    this.others ??= this.project.callers().flatMap(({ path, text }) => parsePythonIfValid(path, text) ?? []);
    return this.others;
  }

  private definitionOf(file: SourceFile, callee: Expression): ImportedDefinition | null {
    const name = dottedName(callee);
    if (name === null) return null;
    const own = file.module.body.find(
      (statement): statement is ClassStatement | FunctionStatement =>
        (statement.kind === "class" || statement.kind === "function") && statement.name === name,
    );
    if (own !== undefined) return { file, definition: own };
    const cls = name.startsWith("self.") ? classAround(file, callee) : null;
    const method = cls?.body.find(
      (statement): statement is FunctionStatement => statement.kind === "function" && `self.${statement.name}` === name,
    );
    if (method !== undefined) return { file, definition: method };
    const { resolveModule } = this.project;
    if (resolveModule === null) return null;
    const known = this.imported.get(file) ?? importedDefinitions(file, resolveModule);
    this.imported.set(file, known);
    return known(name);
  }
}

/** A subclass of `Model` without a `call` of its own: `Own(inputs, outputs)` is a graph. */
const isGraphClass = ({ file, definition }: ImportedDefinition): boolean =>
  definition.kind === "class" &&
  definition.arguments.some(({ value }) => isKerasModel(value, namesOf(file).imports)) &&
  !definition.body.some((statement) => statement.kind === "function" && /^(call|__init__)$/.test(statement.name));

/** null as soon as one of them is; what makes any of them else. */
function all(found: readonly (Makers | null)[]): Makers | null {
  if (found.includes(null)) return null;
  const known = found.filter((makers) => makers !== ELSEWHERE);
  return known.length === 0 ? ELSEWHERE : known.flatMap((makers) => makers ?? []);
}

/** What a function makes, it makes of what it returns. */
const madeBy = (made: ImportedDefinition, returned: Makers | null): Makers | null =>
  returned === null || returned === ELSEWHERE ? returned : [made, ...returned];

type Owner = ImportedDefinition & { readonly definition: ClassStatement };

export function argumentOf({ arguments: args }: CallExpression, name: string, position: number): Expression | null {
  const keyword = args.find((argument) => argument.kind === "keyword" && argument.name === name);
  const positional = args[position];
  return keyword?.value ?? (positional?.kind === "positional" ? positional.value : null);
}
