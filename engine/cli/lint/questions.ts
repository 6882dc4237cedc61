/** What a reading asks about other files, as text: the same questions with the same answers give the same reading. */

/** JSON of its parts. Its answer has the files that were found; one that is made later makes another answer. */
export type Question = string;

export type QuestionParts =
  | readonly [kind: "module", module: string, fromPath: string, level: number, addedFolders: readonly string[]]
  | readonly [kind: "settings", path: string, fromPath: string]
  | readonly [kind: "callers", path: string];

export const questionOf = (parts: QuestionParts): Question => JSON.stringify(parts);
export const partsOf = (question: Question): QuestionParts => JSON.parse(question) as QuestionParts;
