/** With what files are linted: a few at once here, a folder on all cores and with the cache. */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { VERSION } from "../../producer";
import { hashOf } from "../../workspace/keptView";
import { noProgress, type Progress } from "../terminal";
import { cacheFolder } from "./cache/cacheFolder";
import { LintCache } from "./cache/lintCache";
import type { LintMeans } from "./lintFiles";
import { laneAside, laneHere } from "./lintThread";

/** Fewer are read before a thread has started, or the cache of a large project is loaded. */
const MANY_FILES = 16;

export interface WholeFolders {
  /** The program that runs here, for its threads; a change of it makes every cached answer void. */
  readonly bundle: string;
  readonly useCache: boolean;
  readonly progress: Progress;
}

/** @param folders null where there is no program to start threads with. */
export function meansFor(files: number, folders: WholeFolders | null): LintMeans {
  if (folders === null || files < MANY_FILES) return { lanes: [laneHere()], cache: null, progress: noProgress };
  const { bundle, useCache, progress } = folders;
  const threads = Math.min(availableParallelism(), Math.ceil(files / MANY_FILES));
  return {
    lanes: Array.from({ length: threads }, () => (threads === 1 ? laneHere() : laneAside(bundle))),
    cache: useCache ? new LintCache(cacheFolder(), `${VERSION} ${hashOf(readFileSync(bundle))}`) : null,
    progress,
  };
}
