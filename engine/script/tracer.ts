/**
 * Follows a training script from its first statement, without running it: every call of a function of the project is
 * entered, branches are followed both ways and joined, loops until they leave the same modes behind. What is written
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
import { canonical } from "./followImport";
import { parsedFile } from "./parsedFiles";
import type { Ending, EnclosingTest, Exit, Tracing, Place, ScriptTrace } from "./tracing";
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

/** Statements, expressions and calls that are looked at; a script of a thousand lines takes a tenth of it. */
const BUDGET = 150_000;
const COMPARED_PER_STEP = 4;
const MOST_FILES = 60;
const MOST_WORDS = 40;
const MOST_CHARACTERS = 1_500_000;

export class Tracer implements Tracing {
  readonly store = new Store();
  readonly trace: ScriptTrace = {
    forwards: [],
    modeCalls: [],
    calls: [],
    backwards: [],
    steps: [],
    transfers: [],
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
  private characters = 0;
  private readonly files = new Map<string, FileValue>();
  private readonly sources = new Map<string, ReturnType<ResolveModule>>();
  private readonly imports = new WeakMap<ImportedValue, TracedValue>();

  constructor(
    private readonly main: SourceFile,
    private readonly resolveModule: ResolveModule | null,
  ) {}

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
    const stars = module.vars.get("#stars");
    for (const star of stars === undefined ? [] : stars.kind === "union" ? stars.options : [stars]) {
      const value = star.kind === "imported" ? this.throughStar(star, name) : null;
      if (value !== null) return this.known(value);
    }
    return external(name);
  }

  private superOf(scope: TracedScope): TracedValue {
    for (let current: TracedScope | null = scope; current !== null; current = current.parent) {
      const owner = current.vars.get("#owner");
      const self = current.vars.get("#self");
      if (owner?.kind === "class" && self !== undefined)
        return {
          kind: "partial",
          callee: external("#super"),
          args: { ...NO_ARGS, positional: [{ kind: "super", self, owner }] },
        };
    }
    return external("super");
  }

  private throughStar(star: ImportedValue, name: string, depth = 0): TracedValue | null {
    const file = this.fileOf(star);
    if (file === null)
      return star.level === 0 && star.module.startsWith("torch") && /^[A-Z]/.test(name)
        ? external(canonical(`${star.module}.${name}`))
        : null;
    const own = file.scope.vars.get(name);
    if (own !== undefined || depth > 3) return own ?? null;
    const stars = file.scope.vars.get("#stars");
    for (const next of stars === undefined ? [] : stars.kind === "union" ? stars.options : [stars]) {
      const found =
        next.kind === "imported" && this.mentions(next, name) ? this.throughStar(next, name, depth + 1) : null;
      if (found !== null) return found;
    }
    return null;
  }

  /** Whether a file that is not read yet is worth reading for a name. */
  private mentions(star: ImportedValue, name: string): boolean {
    const source = this.sourceOf(star);
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
    const { module, level, name } = value;
    const path = `${".".repeat(level)}${module}`;
    const file = this.fileOf({ ...value, name: null });
    if (name === null) return file ?? external(canonical(path));
    if (file !== null) {
      const member = this.memberOfFile(file, name);
      if (member !== null) return member;
    }
    // `from models import resnet`: a module of a package.
    const inner = this.fileOf({ ...value, module: module === "" ? name : `${module}.${name}`, name: null });
    return inner ?? external(canonical(`${path}.${name}`));
  }

  private memberOfFile(file: FileValue, name: string): TracedValue | null {
    const own = file.scope.vars.get(name);
    if (own !== undefined) return this.known(own);
    const stars = file.scope.vars.get("#stars");
    for (const star of stars === undefined ? [] : stars.kind === "union" ? stars.options : [stars]) {
      const found = star.kind === "imported" && this.mentions(star, name) ? this.throughStar(star, name, 1) : null;
      if (found !== null) return this.known(found);
    }
    return null;
  }

  private sourceOf({ from, module, level }: ImportedValue): ReturnType<ResolveModule> {
    const key = `${from.path} ${level} ${module}`;
    const known = this.sources.get(key);
    if (known !== undefined) return known;
    const source = this.resolveModule?.({ fromPath: from.path, module, level }) ?? null;
    this.sources.set(key, source);
    return source;
  }

  fileOf(value: ImportedValue): FileValue | null {
    const source = this.sourceOf(value);
    if (source === null || source.path === this.main.path) return null;
    const known = this.files.get(source.path);
    if (known !== undefined) return known;
    this.characters += source.text.length;
    if (this.files.size >= MOST_FILES || this.characters > MOST_CHARACTERS) return null;
    const file = parsedFile(source);
    const scope: TracedScope = { vars: new Map(), parent: null, file, outer: new Set() };
    const entry: FileValue = { kind: "file", scope };
    this.files.set(source.path, entry);
    if (file.syntaxErrors.length === 0) this.aside(() => this.execute(file.module.body, scope));
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
      return { ...only, id: this.ids++, joined: null, rows: null };
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
    }: { cls?: TracedClass | null; isModule?: boolean; copyOf?: ObjectValue | null } = {},
  ): ObjectValue {
    const object: ObjectValue = {
      kind: "object",
      id: this.ids++,
      type,
      cls,
      isModule,
      fields: new Map(),
      args,
      site,
      copyOf,
      names: new Set(),
      root: this.root,
    };
    this.store.born(object.fields);
    this.trace.objects.push(object);
    return object;
  }

  list(type: "list" | "tuple" | "dict", values: readonly (readonly [string, TracedValue])[], site: Site): ObjectValue {
    const fields = new Map(values);
    this.store.born(fields);
    return {
      kind: "object",
      id: this.ids++,
      type,
      cls: null,
      isModule: false,
      fields,
      args: NO_ARGS,
      site,
      copyOf: null,
      names: new Set(),
      root: this.root,
    };
  }

  place(site: Site): Place {
    return { site, frames: [...this.frames], loops: [...this.loops], tests: [...this.tests], root: this.root };
  }
}
