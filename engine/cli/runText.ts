/** One run as `normlens runs show` prints it: in words and tables. */
import { describeProblem } from "../protocol/problems";
import { percentage } from "../protocol/numberText";
import type { EvalRecord } from "../protocol/records";
import { settingsLine, stateText } from "../export/describeRun";
import type { ReadRun } from "../export/readRun";
import { judgementText } from "./judgementText";
import { activityTable, layerTable } from "./layerTable";

export function runText(read: ReadRun): string {
  const { run, summary, judgement } = read;
  const { end, evals, populations, samples } = summary;
  const reason = end?.reason ? ` ${describeProblem(end.reason).sentence}` : "";
  return [
    `${run.model ?? run.producer}, ${run.name}: ${stateText(read)}.${reason}`,
    settingsLine(run),
    accuracyText(evals.at(-1)),
    "",
    judgementText(judgement),
    layerTable(run, judgement.layers, populations.at(-1) ?? null),
    activityTable(samples.values()),
  ].join("\n");
}

function accuracyText({ running, batch, population }: Partial<EvalRecord> = {}): string {
  if (!running && !batch && !population) return "";
  const others = `batch statistics ${percentage(batch?.accuracy)} %, population ${percentage(population?.accuracy)} %`;
  return `Test accuracy ${percentage(running?.accuracy)} % (${others}).`;
}
