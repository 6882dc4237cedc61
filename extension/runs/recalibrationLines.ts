/** The lines with which a PyTorch script measures the running statistics of its model again. */
import type { RunSummary } from "../../engine/judgement/runSummary";

/** As many batches as the last population pass saw, where it is known; else the recorder's own default decides. */
export function recalibrationLines({ run, populations }: Pick<RunSummary, "run" | "populations">): string {
  const batchSize = run?.settings["batchSize"];
  const samples = populations.at(-1)?.samples ?? null;
  const batches =
    typeof batchSize === "number" && batchSize > 0 && samples !== null ? Math.ceil(samples / batchSize) : null;
  const count = batches === null || batches < 1 ? "" : `, batches=${batches}`;
  return `import normlens\nnormlens.recalibrate(model, train_loader${count})  # the weights stay the same\n`;
}
