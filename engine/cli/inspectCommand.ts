/** `normlens inspect FILE`: what the reader makes of a model file. */
import { findingsFromReading } from "../findings/findingsFromReading";
import type { Finding } from "../protocol/finding";
import type { SourceRange } from "../protocol/modelGraph";
import { type LineWords, ProblemError, describeProblem, plainLineWords } from "../protocol/problems";
import { inspectionOf } from "../source/inspect";
import { importsFrom } from "./importsFrom";
import type { ModelReading } from "../source/modelReading";
import { CliCommand } from "./cliCommand";
import { readForCommand } from "./readForCommand";
import { FILE_TEXT, type ModelOptions, withJsonOption, withModelOptions } from "./sharedOptions";
import { formatTable } from "./table";

export const inspectCommand = (): CliCommand =>
  withJsonOption(
    withModelOptions(
      new CliCommand("inspect")
        .description("Show the layers, shapes and BN findings of a model file.")
        .argument("<FILE>", FILE_TEXT),
    ),
  )
    .examples("normlens inspect model.py", 'normlens inspect model.py --model "ResNet(18)" --input 3x32x32')
    .does(inspect);

/** Exit code 1 when the file has no model that can be read. */
function inspect(command: CliCommand): number {
  const [path = ""] = command.args;
  const options = command.opts<ModelOptions & { readonly json?: true }>();
  const { reading, lineWords } = readForCommand(path, options, true);
  if (!reading.variant) throw new ProblemError(reading.problems[0] ?? { code: "no-model", path }, lineWords);
  const findings = findingsFromReading(reading, { resolveModule: importsFrom(path) });
  const inspection = inspectionOf(reading, findings);
  if (options.json) {
    process.stdout.write(`${JSON.stringify(inspection)}\n`);
    return 0;
  }
  process.stdout.write(textOf(reading, findings, lineWords));
  return 0;
}

/** Of a model that was followed in part, none that is known says nothing. */
const normCount = (known: number, isWhole: boolean): string =>
  isWhole ? `${known} BN layers` : known === 0 ? "no BN layer known" : `at least ${known} BN layers`;

function textOf(reading: ModelReading, findings: readonly Finding[], lineWords: LineWords): string {
  const { model, framework, parameters, layers, batchNorms, isWhole } = inspectionOf(reading);
  // Lines of imported files are lines of files.
  const place = ({ path, startLine }: SourceRange): string =>
    path === reading.path ? lineWords(startLine) : plainLineWords(startLine);
  const ranges = reading.variant?.layers.map(({ range }) => range) ?? [];
  const origin = reading.inputIsInferred ? ", inferred from the layers" : "";
  const inputs = (reading.variant?.inputs ?? []).map(
    ({ name, shape }) => `Input ${name}: ${shape?.join("×") ?? "shape unknown"}${origin}\n`,
  );
  const rows = layers.map((layer, index) => {
    const range = ranges[index];
    return [
      layer.name,
      layer.kind,
      layer.outputShape?.join("×") ?? "unknown",
      String(layer.parameters ?? "unknown"),
      range ? place(range).replace(/^line /, "") : "",
    ];
  });
  return [
    `${model ?? ""} (${framework}): ${parameters ?? "an unknown number of"} parameters, `,
    `${normCount(batchNorms.length, isWhole)}\n`,
    ...(reading.assumed.length === 0 ? [] : [`Not given, and assumed: ${reading.assumed.join(", ")}\n`]),
    ...inputs,
    `\n${formatTable(["layer", "kind", "output", "parameters", "line"], rows)}`,
    ...reading.unknowns.map(({ reason, range }) => `\nUnknown at ${place(range)}: ${reason}\n`),
    ...findings.map(
      ({ severity, line, verdict, next }) =>
        `\n${severity} at ${line === null ? "line ?" : lineWords(line)}: ${verdict} ${next}\n`,
    ),
    ...reading.problems.map((problem) => {
      const { sentence, action } = describeProblem(problem, lineWords);
      return `\n${sentence} ${action}\n`;
    }),
  ].join("");
}
