/** The imports of many files: those of one project share what is known of its disk. */
import { dirname, isAbsolute, resolve } from "node:path";
import type { ResolveModule } from "../../python/resolveModule";
import { kept, KeptView } from "../../workspace/keptView";
import { projectRoot } from "../../workspace/projectRoot";
import { importsFrom } from "../importsFrom";

/** Files of one project that are named in one way, so that the same import has the same answer. */
export interface ImportGroup {
  readonly name: string;
  readonly resolveModule: ResolveModule;
}

export class ProjectImports {
  readonly files = new KeptView();
  private readonly roots = new Map<string, string>();
  private readonly groups = new Map<string, ImportGroup>();

  groupOf(path: string): ImportGroup {
    const full = resolve(path);
    const root = kept(this.roots, dirname(full), () => projectRoot(full));
    const name = [root, isAbsolute(path) ? "" : process.cwd()].join("\n");
    return kept(this.groups, name, () => ({ name, resolveModule: onceAFolder(importsFrom(path, root, this.files)) }));
  }
}

/** What an import leads to depends on the folder of the file that has it. */
function onceAFolder(resolveModule: ResolveModule): ResolveModule {
  const answers = new Map<string, ReturnType<ResolveModule>>();
  return (request) => {
    const { fromPath, module, level } = request;
    return kept(answers, `${level} ${module} ${dirname(fromPath)}`, () => resolveModule(request));
  };
}
