/**
 * Follows a training script from its first statement, without running it: every call of a function of the project is
 * entered, branches are followed both ways and joined, loops until they end in the same modes. What is written
 * down are forward and backward passes with the modes networks had in them.
 */
import type { Expression } from "../python/expressions";
import type { Block } from "../python/statements";
import type { SourceFile } from "../python/parse";
import type { ResolveModule } from "../python/resolveModule";
import { assignTo } from "./assignTarget";
import { attributeOf } from "./tracedAttributes";
import { callFunction, callValue } from "./followCall";
import { memberOf } from "./tracedClasses";
import { evaluateExpression } from "./followExpression";
import { executeBlock } from "./followStatement";
import { originsOf } from "./forwards";
import { requestFrom } from "../python/addedFolders";
import { documentedPath } from "../python/libraryNames";
import { memberText, moduleText } from "../python/importedNames";
import { Program, type ProgramLimits } from "../python/program";
import type { ObjectOptions, Ending, EnclosingTest, Exit, Tracing, Place, ScriptTrace } from "./tracing";
import { Store } from "./store";
import {
  ABSENT,
  NO_ARGS,
  constant,
  external,
  unionOf,
  type Args,
  type TracedClass,
  type Constant,
  type FileValue,
  type Frame,
  type TracedFunction,
  type Guard,
  type ImportedValue,
  type LoopVisit,
  type ObjectValue,
  type Origin,
  type Root,
  type TracedScope,
  type Site,
  type TracedTensor,
  type TracedUnknown,
  type TracedValue,
} from "./tracedValues";
import { wordsOf } from "./words";
import { fileScope, starsOf } from "./tracedScope";
import { NEW_TRAITS } from "./modeEntries";

/** Statements, expressions and calls that are looked at; a script of a thousand lines takes a tenth of it. */
const BUDGET = 150_000;
const COMPARED_PER_STEP = 4;
const MOST_WORDS = 40;
const LIMITS: ProgramLimits = { files: 60, characters: 1_500_000 };

export class Tracer implements Tracing {
  readonly store = new Store();
  readonly trace: ScriptTrace = {
    forwards: [],
    modeCalls: [],
    calls: [],
    backwards: [],
    steps: [],
    transfers: [],
    averages: new Set(),
    gradToggles: [],
    loaded: new Set(),
    objects: [],
    reached: new Set(),
    isComplete: true,
  };
  readonly loops: LoopVisit[] = [];
  readonly frames: Frame[] = [];
  readonly assumptions: Guard[] = [];
  readonly tests: EnclosingTest[] = [];
  exits: Exit[] = [];
  functionDepth = 0;
  loopDepth = 0;
  noGrad = 0;
  choice: string | null = null;
  innerForward = 0;
  root: Root = { name: null };
  onYield: ((value: TracedValue) => void) | null = null;
  private spent = 0;
  private ids = 0;
  private readonly program: Program;
  private readonly files = new Map<string, FileValue>();
  private readonly imports = new WeakMap<ImportedValue, TracedValue>();

  constructor(
    private readonly main: SourceFile,
    resolveModule: ResolveModule | null,
  ) {
    this.program = new Program(resolveModule, LIMITS);
  }

  spend(): boolean {
    this.spent++;
    if (this.spent + this.store.compared / COMPARED_PER_STEP > BUDGET) this.trace.isComplete = false;
    return this.trace.isComplete;
  }

  evaluate(expression: Expression, scope: TracedScope): TracedValue {
    if (!this.spend()) return this.fresh();
    return evaluateExpression(this, expression, scope);
  }

  execute(block: Block, scope: TracedScope): Ending {
    return executeBlock(this, block, scope);
  }

  call(callee: TracedValue, args: Args, site: Site): TracedValue {
    return callValue(this, callee.kind === "imported" ? this.resolve(callee) : callee, args, site);
  }

  callFunction(fn: TracedFunction, args: Args, site: Site): TracedValue {
    return callFunction(this, fn, args, site);
  }

  attribute(value: TracedValue, name: string, site: Site): TracedValue {
    return this.known(attributeOf(this, this.known(value), name, site));
  }

  assign(target: Expression, value: TracedValue, scope: TracedScope): void {
    assignTo(this, target, value, scope);
  }

  member(cls: TracedClass, name: string): TracedValue | null {
    return memberOf(cls, name);
  }

  lookup(name: string, scope: TracedScope): TracedValue {
    for (let current: TracedScope | null = scope; current !== null; current = current.parent) {
      const value = current.vars.get(name);
      if (value !== undefined && value !== ABSENT)
        return this.known(
          value.kind === "union" ? unionOf(value.options.filter((option) => option !== ABSENT)) : value,
        );
      if (current.parent === null) return this.outside(name, current, scope);
    }
    return external(name);
  }

  private outside(name: string, module: TracedScope, scope: TracedScope): TracedValue {
    if (name === "__name__") return constant(module.file === this.main ? "__main__" : "module");
    if (name === "super") return this.superOf(scope);
    for (const star of starsOf(module)) {
      const value = this.throughStar(star, name);
      if (value !== null) return this.known(value);
    }
    return external(name);
  }

  private superOf(scope: TracedScope): TracedValue {
    for (let current: TracedScope | null = scope; current !== null; current = current.parent) {
      if (current.method !== null) return { kind: "gives", value: { kind: "super", ...current.method } };
    }
    return external("super");
  }

  private throughStar(star: ImportedValue, name: string, depth = 0): TracedValue | null {
    const file = this.fileOf(star);
    if (file === null)
      return star.level === 0 && star.module.startsWith("torch") && /^[A-Z]/.test(name)
        ? external(documentedPath(`${star.module}.${name}`))
        : null;
    const own = file.scope.vars.get(name);
    if (own !== undefined || depth > 3) return own ?? null;
    for (const next of starsOf(file.scope)) {
      const found = this.mentions(next, name) ? this.throughStar(next, name, depth + 1) : null;
      if (found !== null) return found;
    }
    return null;
  }

  /** Whether a file that is not read yet is worth reading for a name. */
  private mentions(star: ImportedValue, name: string): boolean {
    const source = this.program.source(requestFrom(star.from, star));
    return source !== null && (source.text.includes(name) || source.text.includes("import *"));
  }

  private known(value: TracedValue): TracedValue {
    return value.kind === "imported" ? this.resolve(value) : value;
  }

  resolve(value: ImportedValue): TracedValue {
    const known = this.imports.get(value);
    if (known !== undefined) return known;
    // Files that import each other's names in a circle end here.
    this.imports.set(value, external(`${value.module}.${value.name ?? ""}`));
    const found = this.resolveAnew(value);
    this.imports.set(value, found);
    return found;
  }

  private resolveAnew(value: ImportedValue): TracedValue {
    const { module, name } = value;
    const path = moduleText(value);
    const file = this.fileOf({ ...value, name: null });
    if (name === null) return file ?? external(documentedPath(path));
    // `from . import models` in the package's own file means its module of that name.
    if (file !== null && file.scope.file.path !== value.from.path) {
      const member = this.memberOfFile(file, name);
      if (member !== null) return member;
    }
    // `from models import resnet`: a module of a package.
    const inner = this.fileOf({ ...value, module: module === "" ? name : `${module}.${name}`, name: null });
    return inner ?? external(documentedPath(memberText(value, name)));
  }

  private memberOfFile(file: FileValue, name: string): TracedValue | null {
    const own = file.scope.vars.get(name);
    if (own !== undefined) return this.known(own);
    for (const star of starsOf(file.scope)) {
      const found = this.mentions(star, name) ? this.throughStar(star, name, 1) : null;
      if (found !== null) return this.known(found);
    }
    return null;
  }

  fileOf(value: ImportedValue): FileValue | null {
    const source = this.program.source(requestFrom(value.from, value));
    if (source === null || source.path === this.main.path) return null;
    const known = this.files.get(source.path);
    if (known !== undefined) return known;
    const found = this.program.file(source);
    if (found.kind !== "file") return null;
    const { file } = found;
    const scope = fileScope(file);
    const entry: FileValue = { kind: "file", scope };
    this.files.set(source.path, entry);
    this.aside(() => this.execute(file.module.body, scope));
    return entry;
  }

  /** A file is executed where it is first needed, and belongs to no branch there. */
  private aside(work: () => void): void {
    const { exits, functionDepth, loopDepth, noGrad, innerForward, onYield } = this;
    const loops = this.loops.splice(0);
    const frames = this.frames.splice(0);
    const tests = this.tests.splice(0);
    Object.assign(this, { exits: [], noGrad: 0, innerForward: 0, onYield: null });
    this.store.outside(work);
    Object.assign(this, { exits, functionDepth, loopDepth, noGrad, innerForward, onYield });
    this.loops.push(...loops);
    this.frames.push(...frames);
    this.tests.push(...tests);
  }

  fresh(names: readonly string[] = [], inputs: readonly TracedValue[] = [], hint?: Constant): TracedUnknown {
    return { kind: "unknown", id: this.ids++, children: new Map(), hint, names: new Set(names), inputs };
  }

  tensor(inputs: readonly TracedValue[], words: readonly string[] = []): TracedTensor {
    const telling = inputs.filter(({ kind }) => kind !== "constant");
    const [only] = telling;
    // Most steps of a computation add nothing to what is known of their one input.
    if (telling.length === 1 && only?.kind === "tensor" && words.length === 0)
      return { ...only, id: this.ids++, joined: null, rows: null, pieces: null };
    const origins = new Map<Origin["forward"], Origin>();
    for (const input of telling) {
      for (const origin of originsOf(input)) {
        const known = origins.get(origin.forward);
        if (known === undefined || (known.isDetached && !origin.isDetached)) origins.set(origin.forward, origin);
      }
    }
    const all = new Set(words);
    for (const input of telling) for (const word of wordsOf(input, 3)) if (all.size < MOST_WORDS) all.add(word);
    return {
      kind: "tensor",
      id: this.ids++,
      origins: [...origins.values()],
      words: [...all],
      joined: null,
      rows: null,
      pieces: null,
      isSorted: telling.some((input) => input.kind === "tensor" && input.isSorted),
      isVolatile: telling.some((input) => input.kind === "tensor" && input.isVolatile),
    };
  }

  object(
    type: string,
    args: Args,
    site: Site,
    {
      cls = null,
      isModule = false,
      copyOf = null,
      fields = new Map(),
      traits = NEW_TRAITS,
      facts = {},
    }: ObjectOptions = {},
  ): ObjectValue {
    const object = this.identified({ type, cls, isModule, fields, args, site, copyOf, traits: { ...traits }, facts });
    this.trace.objects.push(object);
    return object;
  }

  list(type: "list" | "tuple" | "dict", values: readonly (readonly [string, TracedValue])[], site: Site): ObjectValue {
    const rest = { cls: null, isModule: false, args: NO_ARGS, copyOf: null, traits: { ...NEW_TRAITS }, facts: {} };
    return this.identified({ type, fields: new Map(values), site, ...rest });
  }

  private identified(described: Omit<ObjectValue, "kind" | "id" | "names" | "root">): ObjectValue {
    const object: ObjectValue = { kind: "object", id: this.ids++, ...described, names: new Set(), root: this.root };
    this.store.born(object);
    return object;
  }

  place(site: Site): Place {
    return { site, frames: [...this.frames], loops: [...this.loops], tests: [...this.tests], root: this.root };
  }
}
