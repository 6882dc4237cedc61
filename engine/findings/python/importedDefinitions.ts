/** Classes and functions of other files of the project, under the names that a file has them by. */
import { requestFrom } from "../../python/addedFolders";
import { starOf, type ModuleName } from "../../python/importedNames";
import { parsePythonIfValid, type SourceFile } from "../../python/parse";
import type { ResolveModule } from "../../python/resolveModule";
import type { ClassStatement, FunctionStatement } from "../../python/statements";
import { classesIn, functionsIn, nodesIn } from "../../python/walk";

export interface ImportedDefinition {
  readonly file: SourceFile;
  readonly definition: ClassStatement | FunctionStatement;
}

/** What a name of the file (`VGG16`, `network.VGG16`) stands for; null where it is not from the project. */
export function importedDefinitions(
  file: SourceFile,
  resolveModule: ResolveModule,
): (dotted: string) => ImportedDefinition | null {
  const places = new Map<string, { module: string; level: number; name: string | null }>();
  const stars: ModuleName[] = [];
  for (const node of nodesIn(file.module.body)) {
    const star = node.kind === "importFrom" ? starOf(node) : null;
    if (star !== null) stars.push(star);
    if (node.kind === "import")
      for (const { name, alias } of node.names) places.set(alias ?? name, { module: name, level: 0, name: null });
    if (node.kind === "importFrom")
      for (const { name, alias } of node.names ?? [])
        places.set(alias ?? name, { module: node.module, level: node.level, name });
  }
  const files = new Map<string, SourceFile | null>();
  const fileOf = (module: string, level: number): SourceFile | null => {
    const key = `${level} ${module}`;
    const known = files.get(key);
    if (known !== undefined) return known;
    const source = resolveModule(requestFrom(file, { module, level }));
    const parsed = source === null ? null : parsePythonIfValid(source.path, source.text);
    files.set(key, parsed);
    return parsed;
  };
  return (dotted) => {
    const whole = places.get(dotted);
    if (whole?.name != null) return definitionIn(fileOf(whole.module, whole.level), whole.name);
    const at = dotted.lastIndexOf(".");
    if (at < 0) return lastOf(stars.map(({ module, level }) => definitionIn(fileOf(module, level), dotted)));
    const place = places.get(dotted.slice(0, at));
    if (place === undefined) return null;
    // `from models import network`: the module's own name may be a file of the package.
    const inside = [place.module, place.name].filter(Boolean).join(".");
    return definitionIn(fileOf(inside, place.level), dotted.slice(at + 1));
  };
}

/** Of `from a import *` and `from b import *`, the later one counts where both have a name. */
const lastOf = (found: readonly (ImportedDefinition | null)[]): ImportedDefinition | null =>
  found.filter((one) => one !== null).at(-1) ?? null;

function definitionIn(file: SourceFile | null, name: string): ImportedDefinition | null {
  const definition = file === null ? undefined : definitionsIn(file).find((one) => one.name === name);
  return file === null || definition === undefined ? null : { file, definition };
}

const definitionsIn = ({ module }: SourceFile): (ClassStatement | FunctionStatement)[] =>
  [...classesIn(module.body), ...functionsIn(module.body)].filter((one) => module.body.includes(one));

/** What a part of a file says, without its comments: a word in them means nothing. */
export const codeOf = ({ text }: SourceFile, { from, to }: { readonly from: number; readonly to: number }): string =>
  text.slice(from, to).replace(/#[^\n]*/g, "");

/** Whether a word stands in a definition, or in one of its file that it leads to by name. */
export function leadsTo({ file, definition }: ImportedDefinition, word: string | RegExp): boolean {
  const definitions = definitionsIn(file);
  const reached = new Set([definition]);
  for (const one of reached) {
    const text = codeOf(file, one);
    if (text.search(word) >= 0) return true;
    const names = new Set(text.match(/[A-Za-z_]\w*/g));
    for (const other of definitions) if (names.has(other.name)) reached.add(other);
  }
  return false;
}
