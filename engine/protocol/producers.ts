/** Who wrote a run, and what follows from that. */
import type { RunLayer, RunRecord } from "./records";

/** Our Python recorder writes its name and its version. */
const RECORDER = "normlens-python";

/** A person's own training, which the recorder looked at: NormLens can't resume it or train it again. */
export const isRecording = (run: Pick<RunRecord, "producer"> | null): boolean =>
  run?.producer.startsWith(RECORDER) ?? false;

/** "line 12", in a notebook "cell [3] line 12", with the number that it shows beside the cell. */
export const lineOfLayer = ({ line, cell }: NonNullable<RunLayer["source"]>): string =>
  cell === null ? `line ${line}` : `cell [${cell}] line ${line}`;

/** The file in which a layer is constructed; null where that is unknown. */
export const fileOfLayer = (run: Pick<RunRecord, "source">, { source }: Pick<RunLayer, "source">): string | null =>
  source === null ? null : (source.path ?? run.source?.path ?? null);
