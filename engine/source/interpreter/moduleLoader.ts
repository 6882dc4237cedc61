import type { SourceRange } from "../../protocol/modelGraph";
import { builtInFile } from "../builtIn/builtInFile";
import type { SourceFile, SyntaxErrorAt } from "../../python/parse";
import { parsedFile } from "../../python/parsedFiles";
import { Program, type ProgramFile, type ProgramLimits } from "../../python/program";
import type { ModuleRequest, ModuleSource, ResolveModule } from "../../python/resolveModule";
import type { Completion, Machine, ModuleFiles } from "./machine";
import { memberOfFile } from "./moduleMembers";
import { moduleScope } from "./scope";
import { unknown } from "./newValues";
import type { ModuleFile, Scope, UnknownValue, Value } from "./values";

/** A model is never made of more; each file costs parsing, which the step budget does not count. */
const LIMITS: ProgramLimits = { files: 300, characters: 3_000_000 };

/**
 * Steps of an imported file with what it imports. Definitions take a few hundred; a file that compiles a pattern or
 * fills a table when it is imported says nothing of models, and would leave no steps for the file that is read.
 */
const MOST_STEPS = 100_000;

/** The other files of the workspace that a model file imports: each evaluated once, when a name of it is needed. */
export class ModuleLoader implements ModuleFiles {
  private readonly program: Program;
  private readonly files = new Map<string, ModuleFile | UnknownValue>();
  private readonly loading: string[] = [];

  constructor(
    private readonly machine: Machine,
    resolve: ResolveModule | null,
  ) {
    this.program = new Program(resolve, LIMITS);
  }

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
   * followed with a separate number of steps, and every model of the file says that the rest was not.
   */
  private keepWhatWasRead(): void {
    const stopped = this.machine.budget.renew();
    if (stopped !== null) this.machine.frozen.push(stopped);
  }

  load(request: ModuleRequest, range: SourceRange): ModuleFile | UnknownValue | null {
    const source = this.program.source(request);
    if (source === null) return null;
    return this.files.get(source.path) ?? this.read(source, range);
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

  private read(source: ModuleSource, range: SourceRange): ModuleFile | UnknownValue {
    const found = this.program.file(source);
    return found.kind === "file" ? this.evaluate(found.file) : this.unreadable(found, range);
  }

  private evaluate(file: SourceFile): ModuleFile {
    const entry: ModuleFile = { path: file.path, scope: moduleScope(file), isLoading: true, failure: null };
    this.files.set(file.path, entry);
    const stopped = this.machine.budget.within(MOST_STEPS, () => {
      this.aside(() => this.execute(entry, file));
    });
    // Also where only a call in the file noticed it: what follows was not read as it is.
    entry.failure ??= stopped;
    if (stopped !== null) this.machine.frozen.push(stopped);
    return entry;
  }

  /** A limit was reached where the import is; what is wrong with a file itself is in that file. */
  private unreadable(file: Exclude<ProgramFile, { kind: "file" }>, range: SourceRange): UnknownValue {
    const { path } = file;
    switch (file.kind) {
      case "too-many-files":
        return unknown(`${path} is not read: NormLens reads at most ${LIMITS.files} imported files`, range);
      case "too-long-together":
        return unknown(`${path} is not read: the imported files are too long in total`, range);
      case "too-large":
        return this.fail(path, `${path} is too large to read`, { line: 1, column: 0 });
      case "not-text":
        return this.fail(path, `${path} is not text`, { line: 1, column: 0 });
      case "syntax-error":
        return this.fail(path, `${path} can't be parsed`, file.at);
    }
  }

  private fail(path: string, reason: string, { line, column }: SyntaxErrorAt): UnknownValue {
    const failure = unknown(reason, { path, startLine: line, startColumn: column, endLine: line, endColumn: column });
    this.files.set(path, failure);
    return failure;
  }

  /** What is made in a file that comes with NormLens stands where the user's file calls it. */
  private readBuiltIn(path: string, text: string): ModuleFile {
    const site = { range: { path, startLine: 1, startColumn: 0, endLine: 1, endColumn: 0 } };
    return this.evaluate({ ...parsedFile({ path, text }), site });
  }

  private execute(entry: ModuleFile, file: SourceFile): Completion {
    this.loading.push(entry.path);
    const completion = this.machine.execute(file.module.body, entry.scope);
    this.loading.pop();
    entry.isLoading = false;
    entry.failure = completion.kind === "raise" ? completion.reason : null;
    return completion;
  }

  /** A file is evaluated independently of where it is imported: no branch, no forward pass, no module being built. */
  private aside(run: () => Completion): void {
    const { machine } = this;
    const { trace } = machine;
    machine.trace = null;
    machine.journal.outside(() => machine.collecting([], run));
    machine.trace = trace;
  }
}
