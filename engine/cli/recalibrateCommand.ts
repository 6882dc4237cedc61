/** `normlens recalibrate RUN|CHECKPOINT`: running statistics anew from the training data, weights held still. */
import { percentage } from "../protocol/numberText";
import { ProblemError } from "../protocol/problems";
import { findCheckpoint } from "../runs/findCheckpoint";
import { readRunEnds } from "../runs/readEnds";
import { readRunGraph } from "../runs/readRunGraph";
import { DEFAULT_RUNS_FOLDER } from "../runs/runFolder";
import { chooseKernels } from "../training/chooseKernels";
import { recalibrate } from "../training/recalibrate";
import { countOption, parseOptions, stringOption } from "./options";

const optionTypes = { samples: { type: "string" }, runs: { type: "string" }, json: { type: "boolean" } } as const;

/** 10³ to 10⁴ samples suffice (Wu & Johnson 2021, section 3.2). */
const USUAL_SAMPLES = 10_000;

export async function recalibrateCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseOptions(args, optionTypes, ["RUN"]);
  const { runFolder, path } = findCheckpoint(
    positionals[0] ?? "",
    stringOption(values, "runs") ?? DEFAULT_RUNS_FOLDER,
    "weights",
  );
  const { run } = readRunEnds(runFolder);
  const { config } = run;
  if (!config) throw new ProblemError({ code: "settings-unknown", run: runFolder });
  const target = `${path.replace(/\.safetensors$/, "")}-recalibrated.safetensors`;
  const options = {
    graph: readRunGraph(runFolder),
    config,
    checkpoint: path,
    samples: countOption(values, "samples") ?? USUAL_SAMPLES,
    target,
  };
  const { samples, before, after } = await recalibrate(options, chooseKernels());
  if (values["json"])
    process.stdout.write(
      `${JSON.stringify({ checkpoint: target, samples, testAccuracyBefore: before.accuracy, testAccuracyAfter: after.accuracy })}\n`,
    );
  else
    process.stdout.write(
      `Test accuracy ${percentage(before.accuracy)} % before, ${percentage(after.accuracy)} % with running statistics of ${samples} training samples.\nWritten to ${target}\n`,
    );
  return 0;
}
