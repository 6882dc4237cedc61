/** What a terminal and a Python debug session get, so that the recorder attaches to what they start. */
import { delimiter } from "node:path";
import { prepended, recordingEnvironment } from "../../engine/runs/recordingEnvironment";

/** The variables of a terminal. */
export interface TerminalVariables {
  readonly replaced: Readonly<Record<string, string>>;
  readonly prepended: Readonly<Record<string, string>>;
}

export const terminalVariables = (bootstrap: string, runs: string): TerminalVariables => ({
  replaced: { NORMLENS_RECORD: "1", NORMLENS_RUNS: runs },
  // Where PYTHONPATH is not set, a separator stays behind. The bootstrap takes back the entry that this makes.
  prepended: { PYTHONPATH: `${bootstrap}${delimiter}` },
});

/** As a debug configuration has it: null takes a variable away. */
export type DebugVariables = Readonly<Record<string, string | null | undefined>>;

export interface Launch {
  readonly bootstrap: string;
  readonly runs: string;
  readonly launch: string;
  /** That of this process, which a debug session inherits. */
  readonly pythonPath: string | undefined;
}

/** The environment of a debug session: what its configuration says comes before what NormLens says. */
export function debugVariables(given: DebugVariables, recording: Launch): Record<string, string | null | undefined> {
  const { bootstrap, runs, launch, pythonPath } = recording;
  const path = given["PYTHONPATH"] ?? pythonPath ?? "";
  const known = Object.entries(given).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : []));
  const env = recordingEnvironment(
    { NORMLENS_RUNS: runs, ...(Object.fromEntries(known) as Record<string, string>) },
    { bootstrap, directory: runs, launch },
  );
  return { ...given, ...env, PYTHONPATH: prepended(bootstrap, path) };
}
