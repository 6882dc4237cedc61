/**
 * The environment of processes that the recorder is to record. As in `python/normlens/attaching/environment.py`, which
 * says what each variable means.
 */
import { delimiter, join, resolve } from "node:path";
import { DEFAULT_RUNS_FOLDER } from "./runFolder";

/** The folder that goes on PYTHONPATH, below the one that the bundles are in. */
export const BOOTSTRAP = join("python", "normlens", "attaching", "bootstrap");

type Variables = Readonly<Record<string, string | undefined>>;

export interface Recording {
  /** The absolute path of BOOTSTRAP. */
  readonly bootstrap: string;
  /** What relative paths are relative to. */
  readonly directory: string;
  /** An id that no other launch has. */
  readonly launch: string;
  readonly runs?: string | undefined;
  readonly name?: string | undefined;
}

export function recordingEnvironment(base: Variables, recording: Recording): Record<string, string | undefined> {
  const { bootstrap, directory, launch, runs, name } = recording;
  // Scripts change their working directory, and so does Hydra: the folder is settled before they start.
  const folder = runs ?? base["NORMLENS_RUNS"] ?? "";
  return {
    ...base,
    NORMLENS_RECORD: "1",
    NORMLENS_RUNS: resolve(directory, folder === "" ? DEFAULT_RUNS_FOLDER : folder),
    NORMLENS_LAUNCH: launch,
    ...(name === undefined ? {} : { NORMLENS_RUN_NAME: name }),
    PYTHONPATH: prepended(bootstrap, base["PYTHONPATH"] ?? ""),
  };
}

/** A search path with a folder in front, once. Nothing after it leaves no separator: that would be an entry. */
export function prepended(folder: string, path: string, separator: string = delimiter): string {
  if (path === "") return folder;
  return path.split(separator)[0] === folder ? path : `${folder}${separator}${path}`;
}
