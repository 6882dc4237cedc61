/** Lints many files: on all cores, and from the cache where nothing has changed. */
import { noProgress, type Progress } from "../terminal";
import type { LintCache } from "./cache/lintCache";
import { bytesOf, type LintedFile, unreadFile, withLines } from "./lintFile";
import type { LintLane } from "./lintThread";

export interface LintMeans {
  /** Each lints one file at a time. */
  readonly lanes: readonly LintLane[];
  readonly cache: LintCache | null;
  readonly progress?: Progress;
}

/** In the order of `paths`. */
export async function lintFiles(
  paths: readonly string[],
  { lanes, cache, progress = noProgress }: LintMeans,
): Promise<LintedFile[]> {
  const linted = new Map<number, LintedFile>();
  const waiting = paths.entries();
  await Promise.all(
    lanes.map(async (lane) => {
      for (const [index, path] of waiting) {
        linted.set(index, await lintOne(path, lane, cache));
        progress.show(linted.size, paths.length);
      }
      await lane.end();
    }),
  );
  progress.clear();
  cache?.save();
  return paths.map((path, index) => linted.get(index) ?? unreadFile(path, "NormLens did not get to it."));
}

async function lintOne(path: string, lane: LintLane, cache: LintCache | null): Promise<LintedFile> {
  const bytes = bytesOf(path);
  if (typeof bytes === "string") return unreadFile(path, bytes);
  const known = cache?.get(path, bytes) ?? null;
  if (known !== null) return withLines(path, bytes, known);
  const answer = await lane.lint(path, bytes);
  cache?.put(path, bytes, answer);
  return withLines(path, bytes, answer.linted);
}
