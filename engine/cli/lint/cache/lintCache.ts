/**
 * What was found in files before. A reading is a function of the file's bytes and of the answers to what it asked about
 * other files: it is taken from the cache where the bytes are the same and every question has the same answer today.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { LintedSource } from "../../../findings/lintSource";
import { hashOf, kept } from "../../../workspace/keptView";
import type { LintAnswer } from "../linter";
import { type ProjectGroup, ProjectImports } from "../projectImports";
import { keepBelow } from "./cacheFolder";
import { type CacheContent, type CachedFile, readCacheFile, writeCacheFile } from "./cacheFile";

const MOST_BYTES_OF_A_PROJECT = 64 * 1024 * 1024;
const MOST_BYTES = 256 * 1024 * 1024;

export class LintCache {
  private readonly imports = new ProjectImports();
  private readonly projects = new Map<string, ProjectCache>();

  /**
   * @param folder Where it lies.
   * @param version Of all that decides what is found: another version, another cache.
   */
  constructor(
    private readonly folder: string,
    private readonly version: string,
  ) {}

  get(path: string, bytes: Uint8Array): LintedSource | null {
    return this.projectOf(path).get(path, hashOf(bytes));
  }

  put(path: string, bytes: Uint8Array, answer: LintAnswer): void {
    this.projectOf(path).put(path, hashOf(bytes), answer);
  }

  /** A cache that can't be written is no reason to fail. */
  save(): void {
    try {
      const changed = [...this.projects.values()].filter((project) => project.save());
      if (changed.length > 0) keepBelow(this.folder, MOST_BYTES);
    } catch {
      // A full disk, or a folder that nobody may write.
    }
  }

  private projectOf(path: string): ProjectCache {
    const group = this.imports.groupOf(path);
    return kept(this.projects, group.name, () => {
      const name = hashOf(JSON.stringify([this.version, group.name]));
      return new ProjectCache(join(this.folder, `${name.slice(0, 32)}.json`), group);
    });
  }
}

class ProjectCache {
  private readonly before: CacheContent;
  private readonly answers = new Map<number, boolean>();
  private readonly added = new Map<string, { readonly hash: string; readonly answer: LintAnswer }>();

  constructor(
    private readonly path: string,
    private readonly group: ProjectGroup,
  ) {
    this.before = readCacheFile(path) ?? { questions: [], files: {} };
  }

  get(path: string, hash: string): LintedSource | null {
    const file = Object.hasOwn(this.before.files, path) ? this.before.files[path] : undefined;
    return file?.hash === hash && file.asked.every((place) => this.isAsBefore(place)) ? file.linted : null;
  }

  put(path: string, hash: string, answer: LintAnswer): void {
    this.added.set(path, { hash, answer });
  }

  /** Whether there was anything to write. */
  save(): boolean {
    if (this.added.size === 0) return false;
    writeCacheFile(this.path, this.content(), MOST_BYTES_OF_A_PROJECT);
    return true;
  }

  private isAsBefore(place: number): boolean {
    return kept(this.answers, place, () => {
      const [question, answer] = this.before.questions[place] ?? ["", null];
      return answer !== null && answer === this.group.answer(question);
    });
  }

  /** Files that were not looked at this time stay, as long as they exist. */
  private content(): CacheContent {
    const questions = new Map<string, number>();
    const numberOf = ([question, answer]: readonly [string, string]): number => {
      const key = JSON.stringify([question, answer]);
      return kept(questions, key, () => questions.size);
    };
    const files: Record<string, CachedFile> = {};
    for (const [path, file] of Object.entries(this.before.files)) {
      if (this.added.has(path) || !existsSync(path)) continue;
      files[path] = { ...file, asked: file.asked.map((place) => numberOf(this.before.questions[place] ?? ["", ""])) };
    }
    for (const [path, { hash, answer }] of this.added)
      if (answer.questions !== null)
        files[path] = { hash, linted: answer.linted, asked: answer.questions.map(numberOf) };
    return { questions: [...questions.keys()].map((key) => JSON.parse(key) as [string, string]), files };
  }
}
