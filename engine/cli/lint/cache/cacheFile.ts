/**
 * A file of the cache: a line with the hash of the rest, then the rest as JSON. Whatever is not exactly as it was
 * written counts as not there.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { LintedSource } from "../../../findings/lintSource";
import { hashOf } from "../../../workspace/keptView";
import type { Question } from "../questions";

/** What is known of the files of one project. Questions are shared by most files, so they have numbers. */
export interface CacheContent {
  readonly questions: readonly (readonly [Question, answer: string])[];
  readonly files: Readonly<Record<string, CachedFile>>;
}

export interface CachedFile {
  /** Hash of its bytes. */
  readonly hash: string;
  readonly linted: LintedSource;
  /** Places in `questions`. */
  readonly asked: readonly number[];
}

export function readCacheFile(path: string): CacheContent | null {
  try {
    const text = readFileSync(path, "utf8");
    const end = text.indexOf("\n");
    const body = text.slice(end + 1);
    return text.slice(0, end) === hashOf(body) ? (JSON.parse(body) as CacheContent) : null;
  } catch {
    return null;
  }
}

/** Whole or not at all: another process may read or write it at the same time. Throws where nothing can be written. */
export function writeCacheFile(path: string, content: CacheContent, mostBytes: number): void {
  const body = JSON.stringify(content);
  if (body.length > mostBytes) return;
  mkdirSync(dirname(path), { recursive: true });
  const beside = `${path}.${process.pid}`;
  try {
    writeFileSync(beside, `${hashOf(body)}\n${body}`);
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}
