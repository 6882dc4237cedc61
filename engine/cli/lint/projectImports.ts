/** What many files ask about others: those of one project share what is known of its disk. */
import { basename, dirname, isAbsolute, resolve } from "node:path";
import type { LintOptions } from "../../findings/lintSource";
import type { ModuleSource, ResolveModule } from "../../python/resolveModule";
import { kept, KeptView } from "../../workspace/keptView";
import { projectRoot } from "../../workspace/projectRoot";
import { callersFrom, importsFrom, settingsFrom } from "../importsFrom";
import { type Question, type QuestionParts, questionOf, partsOf } from "./questions";

/** What a reading is given to ask about other files. */
export type Surroundings = Required<Pick<LintOptions, "resolveModule" | "readSettings" | "callers">>;

/** Files of one project that are named in one way, so that the same question has the same answer. */
export interface ProjectGroup {
  readonly name: string;
  /** Who answers the questions of a file; `noted` gets each with its answer. */
  surroundingsOf(path: string, noted: (question: Question, answer: string) => void): Surroundings;
  /** Today's answer. */
  answer(question: Question): string;
}

export class ProjectImports {
  private readonly files = new KeptView();
  private readonly roots = new Map<string, string>();
  private readonly groups = new Map<string, ProjectGroup>();

  groupOf(path: string): ProjectGroup {
    const full = resolve(path);
    const root = kept(this.roots, dirname(full), () => projectRoot(full));
    // Settings are looked for in the working directory, too.
    const name = [root, isAbsolute(path) ? "absolute" : "relative", process.cwd()].join("\n");
    return kept(this.groups, name, () => this.group(name, root, path));
  }

  /** @param example Any file of the group. */
  private group(name: string, root: string, example: string): ProjectGroup {
    const { files } = this;
    const resolveModule = onceAFolder(importsFrom(example, root, files));
    const readSettings = settingsFrom(example, root, files);
    const found = ([kind, ...parts]: QuestionParts): readonly ModuleSource[] => {
      const [first, second = "", level = 0, addedFolders = []] = parts;
      if (kind === "callers") return callersFrom(first, root, files)();
      const source =
        kind === "module"
          ? resolveModule({ module: first, fromPath: second, level, addedFolders })
          : readSettings(first, second);
      return source === null ? [] : [source];
    };
    const answerOf = (sources: readonly ModuleSource[]): string =>
      sources.map((source) => `${files.hashOf(source)} ${source.path}`).join("\n");
    return {
      name,
      answer: (question) => answerOf(found(partsOf(question))),
      surroundingsOf: (path, noted) => {
        const ask = (...parts: QuestionParts): readonly ModuleSource[] => {
          const sources = found(parts);
          noted(questionOf(parts), answerOf(sources));
          return sources;
        };
        return {
          resolveModule: ({ module, fromPath, level, addedFolders = [] }) =>
            ask("module", module, fromPath, level, addedFolders)[0] ?? null,
          readSettings: (settings, fromPath) => ask("settings", settings, fromPath)[0] ?? null,
          callers: () => ask("callers", path),
        };
      },
    };
  }
}

/** An import leads where its file's folder and what is added to the path lead, and a package's own file is special. */
function onceAFolder(resolveModule: ResolveModule): ResolveModule {
  const answers = new Map<string, ReturnType<ResolveModule>>();
  return (request) => {
    const { fromPath, module, level, addedFolders = [] } = request;
    const place = basename(fromPath) === "__init__.py" ? fromPath : dirname(fromPath);
    const key = [level, module, place, ...addedFolders].join("\n");
    return kept(answers, key, () => resolveModule(request));
  };
}
