/** The files that a program is made of: found, read and parsed once for all callers. */
import { addedFolders } from "./addedFolders";
import { parsedFile } from "./parsedFiles";
import type { SourceFile, SyntaxErrorAt } from "./parse";
import type { ModuleRequest, ModuleSource, ResolveModule } from "./resolveModule";
import { textProblem } from "./textLimits";

export interface ProgramLimits {
  /** More files than this are not read. */
  readonly files: number;
  /** Longer texts together than this are not parsed. */
  readonly characters: number;
}

/** A file of the program, or why it is none that can be read. */
export type ProgramFile =
  | { readonly kind: "file"; readonly file: SourceFile }
  | { readonly kind: "syntax-error"; readonly path: string; readonly at: SyntaxErrorAt }
  | { readonly kind: "too-large" | "not-text" | "too-many-files" | "too-long-together"; readonly path: string };

export class Program {
  private readonly sources = new Map<string, ModuleSource | null>();
  private readonly files = new Map<string, ProgramFile>();
  private characters = 0;

  constructor(
    private readonly resolve: ResolveModule | null,
    private readonly limits: ProgramLimits,
  ) {}

  /** The text of the module with this name, seen from a file; null when the workspace has none. */
  source(request: ModuleRequest): ModuleSource | null {
    if (this.resolve === null) return null;
    const key = `${request.level} ${request.module} ${request.fromPath}`;
    const known = this.sources.get(key);
    if (known !== undefined) return known;
    const source = this.resolve(request) ?? this.throughHelpers(request, this.resolve);
    this.sources.set(key, source);
    return source;
  }

  /** In the folders that other files of the project add for this one. */
  private throughHelpers(request: ModuleRequest, resolve: ResolveModule): ModuleSource | null {
    const { module, level, pathModules = [], addedFolders: own = [] } = request;
    const folders = pathModules.flatMap((name) => {
      const helper = level > 0 || name === module ? null : this.source({ ...request, module: name, pathModules: [] });
      return helper === null ? [] : addedFolders(parsedFile(helper));
    });
    return folders.length === 0 ? null : resolve({ ...request, addedFolders: [...own, ...folders] });
  }

  file(source: ModuleSource): ProgramFile {
    const known = this.files.get(source.path);
    if (known !== undefined) return known;
    const { path } = source;
    if (this.files.size >= this.limits.files) return { kind: "too-many-files", path };
    this.characters += source.text.length;
    if (this.characters > this.limits.characters) return { kind: "too-long-together", path };
    const read = readFile(source);
    this.files.set(path, read);
    return read;
  }
}

function readFile(source: ModuleSource): ProgramFile {
  const { path } = source;
  const problem = textProblem(path, source.text);
  if (problem !== null) return { kind: problem.code === "file-not-text" ? "not-text" : "too-large", path };
  const file = parsedFile(source);
  const [at] = file.syntaxErrors;
  return at === undefined ? { kind: "file", file } : { kind: "syntax-error", path, at };
}
