/** The command that makes such a run again, where a few options say it all. */
import { fileName } from "../../protocol/numberText";
import { isRecording } from "../../protocol/producers";
import type { RunRecord } from "../../protocol/records";
import type { TrainConfig } from "../../protocol/trainConfig";

/** Settings by their option. Others, such as a schedule, would make a long command that nobody has tried. */
const options: Partial<Record<keyof TrainConfig, string>> = {
  data: "--data",
  steps: "--steps",
  batchSize: "--batch",
  learningRate: "--lr",
  optimizer: "--optimizer",
  momentum: "--momentum",
  weightDecay: "--weight-decay",
  seed: "--seed",
};

/** They change no number. */
const withoutEffect: readonly string[] = ["threads", "checkpointEvery", "memoryLimit"];

/** Of a recording what was typed; null where a run was made in another way, or with settings without an option here. */
export function repeatCommand({ producer, process, config, source, comparison }: RunRecord): string | null {
  if (isRecording({ producer })) return process === null ? null : `normlens record ${process.command}`;
  // One of several runs that are compared may be a variant of its file.
  if (config === null || source === null || comparison !== null) return null;
  const words = Object.entries(config)
    .filter(([name, value]) => value !== undefined && value !== null && !withoutEffect.includes(name))
    .map(([name, value]) => {
      const option = options[name as keyof TrainConfig];
      const isPlain = typeof value === "string" || typeof value === "number";
      return option === undefined || !isPlain ? null : `${option} ${quoted(String(value))}`;
    });
  return words.includes(null) ? null : ["normlens train", quoted(fileName(source.path)), ...words].join(" ");
}

/** As a shell takes it. */
const quoted = (word: string): string => (/^[\w./:@=+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
