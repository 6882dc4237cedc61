/** Lints one file after the other and remembers what each reading asked about other files. */
import { type LintedSource, unreadSource } from "../../findings/lintSource";
import { lintBytes } from "./lintFile";
import { ProjectImports } from "./projectImports";
import type { Question } from "./questions";

/** Plain data: it goes from thread to thread, and into the cache. */
export interface LintAnswer {
  readonly linted: LintedSource;
  /** Whatever else than the file's own bytes it depends on; null for an answer that is not to be kept. */
  readonly questions: readonly (readonly [Question, string])[] | null;
}

export class Linter {
  private readonly imports = new ProjectImports();

  /** Never throws: an error of ours is in the answer. */
  lint(path: string, bytes: Uint8Array): LintAnswer {
    const asked = new Map<Question, string>();
    try {
      const surroundings = this.imports.groupOf(path).surroundingsOf(path, (question, answer) => {
        asked.set(question, answer);
      });
      return { linted: lintBytes(path, bytes, surroundings), questions: [...asked] };
    } catch (error) {
      return unfinished(error instanceof Error ? error.message : String(error));
    }
  }
}

/** A mistake of ours, or too little memory: the file is unread, and the next run tries again. */
export const unfinished = (detail: string): LintAnswer => ({
  linted: unreadSource(`NormLens could not finish it (${detail}).`),
  questions: null,
});
