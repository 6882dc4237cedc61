/** What a reading asks about other files, as text: the same questions with the same answers give the same reading. */
import type { ModuleRequest, ModuleSource } from "../../python/resolveModule";
import type { KeptView } from "../../workspace/keptView";

export type Question = string;

export const questionOf = ({ level, module, fromPath }: ModuleRequest): Question => `${level} ${module} ${fromPath}`;

export function requestOf(question: Question): ModuleRequest {
  const [level = "0", module = ""] = question.split(" ", 2);
  return { level: Number(level), module, fromPath: question.slice(level.length + module.length + 2) };
}

/** Empty where there is no such module: one that is made later is another answer. */
export const answerTo = (source: ModuleSource | null, files: KeptView): string =>
  source === null ? "" : `${files.hashOf(source)} ${source.path}`;
