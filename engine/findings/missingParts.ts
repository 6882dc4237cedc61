/** What of a file's models is not known, in one sentence for the whole file. */
import { describeProblem, type LineWords, plainLineWords } from "../protocol/problems";
import { batchNormLayers, type Unknown } from "../protocol/modelGraph";
import type { SourceFile } from "../python/parse";
import { mentionsNorm } from "../source/assumed/attempts";
import type { EveryModel } from "../source/everyModel";
import type { ModelReading } from "../source/modelReading";
import { counted } from "./wording";

/** null where everything was followed, and where the file has nothing that a rule could be about. */
export function whatIsMissing(
  { readings, assumed, left }: EveryModel,
  file: SourceFile,
  lineWords: LineWords,
): string | null {
  if (!mentionsNorm(file.text)) return null;
  const [first] = readings;
  const read = readings.filter(({ graph }) => graph !== null);
  const problem = first?.problems.find(({ code }) => code !== "no-model");
  if (read.length === 0 && assumed.length === 0)
    return problem === undefined ? null : describeProblem(problem, lineWords).sentence;
  const reasons = [
    leftWords(left),
    argumentsWords(assumed),
    unknownWords(
      [...read, ...assumed.map(([likely]) => likely).filter((reading) => reading !== undefined)],
      file,
      lineWords,
    ),
  ].filter((words) => words !== null);
  return reasons.length === 0 ? null : reasons.join(" ");
}

const leftWords = (left: number): string | null =>
  left === 0 ? null : `${left} of its definitions were left out, because the others took too long.`;

/** `Net(…) and 2 more need arguments (cfg): …`. */
function argumentsWords(assumed: EveryModel["assumed"]): string | null {
  const open = assumed.flatMap(([likely]) => (likely === undefined || likely.assumed.length === 0 ? [] : [likely]));
  const [first] = open;
  if (first === undefined) return null;
  const more = open.length === 1 ? " needs" : ` and ${open.length - 1} more need`;
  return `${first.model ?? ""}${more} arguments (${first.assumed.join(", ")}), so likely ones were assumed.`;
}

/** The first thing that is unknown, where it is, and what is known in spite of it. */
function unknownWords(readings: readonly ModelReading[], file: SourceFile, lineWords: LineWords): string | null {
  const unknowns = readings.flatMap((reading) => reading.unknowns);
  const [first] = unknowns.filter(({ reason }) => !HIDES_NOTHING.test(reason));
  if (first === undefined) return null;
  const places = new Set(unknowns.map(({ range }) => `${range.path}:${range.startLine}`));
  const norms = new Set(readings.flatMap(({ graph }) => (graph === null ? [] : batchNormLayers(graph))));
  const more = places.size > 1 ? ` (and ${places.size - 1} more)` : "";
  const known =
    norms.size === 0
      ? "No BN layer is known"
      : `At least ${counted(norms.size, "BN layer")} ${norms.size === 1 ? "is" : "are"} known`;
  return `${known}; ${placeOf(first, file, lineWords)}: ${first.reason}${more}.`;
}

/** What an argument makes that nobody gave, and a model without a `call`, whose parts are read by themselves. */
const HIDES_NOTHING = /is not given, so what its call makes is not known$|^NormLens finds no call\(\) of/;

const placeOf = ({ range }: Unknown, file: SourceFile, lineWords: LineWords): string =>
  range.path === file.path
    ? lineWords(range.startLine)
    : `${plainLineWords(range.startLine)} of ${range.path.split("/").at(-1) ?? ""}`;
