import type { SourceRange } from "../../protocol/modelGraph";
import { builtInFile } from "../builtIn/builtInFile";
import { parsePython, type SourceFile, type SyntaxErrorAt } from "../../python/parse";
import { textProblem } from "../../python/textLimits";
import type { ModuleRequest, ModuleSource, ResolveModule } from "../../python/resolveModule";
import type { Completion, Machine, ModuleFiles } from "./machine";
import { memberOfFile } from "./moduleMembers";
import { moduleScope } from "./scope";
import { unknown } from "./newValues";
import type { ModuleFile, Scope, UnknownValue, Value } from "./values";

/** More files than a model is ever made of; each costs parsing, which the step budget does not count. */
export const MAX_FILES = 300;

/** Longer texts together than this are not parsed. */
export const MAX_CHARACTERS = 3_000_000;

/** The other files of the workspace that a model file imports: each evaluated once, when a name of it is needed. */
export class ModuleLoader implements ModuleFiles {
  private readonly sources = new Map<string, ModuleSource | null>();
  private readonly files = new Map<string, ModuleFile | UnknownValue>();
  private readonly loading: string[] = [];
  private characters = 0;

  constructor(
    private readonly machine: Machine,
    private readonly resolve: ResolveModule | null,
  ) {}

  get paths(): string[] {
    return [...this.files.keys()];
  }

  /** The model file itself, which others may import. */
  enter(file: SourceFile, scope: Scope): Completion {
    const entry: ModuleFile = { path: file.path, scope, isLoading: true, failure: null };
    this.files.set(file.path, entry);
    const completion = this.execute(entry, file);
    this.keepWhatWasRead();
    return completion;
  }

  /**
   * A training loop at the end of a file may take more steps than there are. The classes before it were read: they are
   * followed with steps of their own, and every model of the file says that the rest was not.
   */
  private keepWhatWasRead(): void {
    const stopped = this.machine.budget.renew();
    if (stopped !== null) this.machine.frozen.push(stopped);
  }

  load(request: ModuleRequest, range: SourceRange): ModuleFile | UnknownValue | null {
    const source = this.sourceOf(request);
    if (source === null) return null;
    const known = this.files.get(source.path);
    if (known !== undefined) return known;
    if (this.files.size >= MAX_FILES)
      return unknown(`more than ${MAX_FILES} files are imported; ${source.path} is not read`, range);
    this.characters += source.text.length;
    if (this.characters > MAX_CHARACTERS)
      return unknown(`the imported files are too long together; ${source.path} is not read`, range);
    return this.read(source);
  }

  builtIn(path: string): Value | null {
    const text = builtInFile(path);
    if (text === null) return null;
    const known = this.files.get(text.path);
    const file = known ?? this.readBuiltIn(text.path, text.text);
    return "kind" in file ? null : memberOfFile(this.machine, file, path.split(".").at(-1) ?? "");
  }

  /** The files that are being imported now, from the one that came first. */
  cycle(path: string): string {
    return [...this.loading.slice(Math.max(0, this.loading.indexOf(path))), path].join(" → ");
  }

  private sourceOf(request: ModuleRequest): ModuleSource | null {
    if (this.resolve === null) return null;
    const key = JSON.stringify([request.fromPath, request.level, request.module]);
    const known = this.sources.get(key);
    if (known !== undefined) return known;
    const source = this.resolve(request);
    this.sources.set(key, source);
    return source;
  }

  private read({ path, text }: ModuleSource): ModuleFile | UnknownValue {
    if (textProblem(path, text) !== null)
      return this.fail(path, `${path} is too large to read`, { line: 1, column: 0 });
    const file = parsePython(path, text);
    const [error] = file.syntaxErrors;
    if (error !== undefined) return this.fail(path, `${path} does not parse`, error);
    const entry: ModuleFile = { path, scope: moduleScope(file), isLoading: true, failure: null };
    this.files.set(path, entry);
    this.aside(() => this.execute(entry, file));
    return entry;
  }

  private fail(path: string, reason: string, { line, column }: SyntaxErrorAt): UnknownValue {
    const failure = unknown(reason, { path, startLine: line, startColumn: column, endLine: line, endColumn: column });
    this.files.set(path, failure);
    return failure;
  }

  /** What is made in a file that comes with NormLens stands where the user's file calls it. */
  private readBuiltIn(path: string, text: string): ModuleFile {
    const site = { range: { path, startLine: 1, startColumn: 0, endLine: 1, endColumn: 0 } };
    const file: SourceFile = { ...parsePython(path, text), site };
    const entry: ModuleFile = { path, scope: moduleScope(file), isLoading: true, failure: null };
    this.files.set(path, entry);
    this.aside(() => this.execute(entry, file));
    return entry;
  }

  private execute(entry: ModuleFile, file: SourceFile): Completion {
    this.loading.push(entry.path);
    const completion = this.machine.execute(file.module.body, entry.scope);
    this.loading.pop();
    entry.isLoading = false;
    entry.failure = completion.kind === "raise" ? completion.reason : null;
    return completion;
  }

  /** A file is evaluated whatever is going on where it is imported: no branch, no forward pass, no module being built. */
  private aside(run: () => Completion): void {
    const { machine } = this;
    const { trace } = machine;
    machine.trace = null;
    machine.journal.outside(() => machine.collecting([], run));
    machine.trace = trace;
  }
}
