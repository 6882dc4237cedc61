/** Which files are followed as a training script: others train and evaluate nothing. */
import { requestFrom } from "../../python/addedFolders";
import { importedNames, starOf, type ModuleName } from "../../python/importedNames";
import { isLibrary } from "../../python/libraryNames";
import type { SourceFile } from "../../python/parse";
import { parsedFile } from "../../python/parsedFiles";
import type { ModuleSource, ResolveModule } from "../../python/resolveModule";
import type { Statement } from "../../python/statements";
import { textProblem } from "../../python/textLimits";
import { callsIn, nodesIn } from "../../python/walk";

/** A file without any of these words trains and evaluates nothing itself. */
const WORDS = new RegExp(
  "backward|no_grad|inference_mode|\\.eval\\(|\\.train\\(|optim|checkpoint|DataParallel|AveragedModel|" +
    "load_state_dict|named_parameters|torch\\.save|jit\\.trace|onnx\\.export",
);

/** How many files an entry file may lead through: `main.py`, `engine/__init__.py`, `engine/trainer.py`. */
const MOST_STEPS = 2;
const MOST_FILES = 20;

const saysSo = ({ text }: { readonly text: string }): boolean => WORDS.test(text) && /\btorch\b/.test(text);

/** A file that trains something, or that runs what another file of the project trains: `Trainer(config).fit()`. */
export function isTorchScript(file: SourceFile, resolveModule: ResolveModule | null): boolean {
  if (saysSo(file)) return true;
  return resolveModule !== null && file.module.body.some(runsSomething) && leadsToScript(file, resolveModule);
}

/** Not a definition, an import or a setting: a call, a branch or a loop that has one. */
function runsSomething(statement: Statement): boolean {
  switch (statement.kind) {
    case "expression":
    case "if":
    case "for":
    case "while":
    case "with":
    case "try":
      return callsIn(statement).length > 0;
    default:
      return false;
  }
}

function leadsToScript(entry: SourceFile, resolveModule: ResolveModule): boolean {
  const seen = new Set<string>([entry.path]);
  let files = [entry];
  for (let step = 0; step < MOST_STEPS; step++) {
    const sources = files.flatMap((file) => importedSources(file, resolveModule)).filter(({ path }) => !seen.has(path));
    if (sources.some(saysSo)) return true;
    for (const { path } of sources) seen.add(path);
    if (seen.size > MOST_FILES) return false;
    files = sources.filter(({ path, text }) => textProblem(path, text) === null).map(parsedFile);
  }
  return false;
}

/** Files of the project that a file imports; `from engine import trainer` may mean a file of the package. */
function importedSources(file: SourceFile, resolveModule: ResolveModule): ModuleSource[] {
  const names = nodesIn(file.module.body).flatMap((node): ModuleName[] => {
    if (node.kind !== "import" && node.kind !== "importFrom") return [];
    const star = starOf(node);
    const inside = importedNames(node).flatMap(({ loaded, level, member }) => [
      { module: loaded, level },
      ...(member === null ? [] : [{ module: loaded === "" ? member : `${loaded}.${member}`, level }]),
    ]);
    return star === null ? inside : [star, ...inside];
  });
  const wanted = new Map(names.map((name) => [`${name.level} ${name.module}`, name]));
  return [...wanted.values()]
    .filter(({ module, level }) => level > 0 || !isLibrary(module))
    .flatMap((name) => resolveModule(requestFrom(file, name)) ?? []);
}
