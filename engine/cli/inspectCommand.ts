/** `normlens inspect FILE`: what the reader makes of a model file. */
import { findingsFromReading } from "../findings/findingsFromReading";
import { ProblemError, describeProblem } from "../protocol/problems";
import { inspectionOf } from "../source/inspect";
import { importsFrom } from "./importsFrom";
import { parseOptions } from "./options";
import { readForCommand } from "./readForCommand";
import { formatTable } from "./table";

const optionTypes = { model: { type: "string" }, input: { type: "string" }, json: { type: "boolean" } } as const;

/** Exit code 1 when the file holds no model that can be read. */
export function inspectCommand(args: readonly string[]): number {
  const { values, positionals } = parseOptions(args, optionTypes, ["FILE"]);
  const path = positionals[0] ?? "";
  const { reading, text } = readForCommand(path, values);
  if (!reading.variant) throw new ProblemError(reading.problems[0] ?? { code: "no-model", path });
  const findings = findingsFromReading(reading, text, { resolveModule: importsFrom(path) });
  const inspection = inspectionOf(reading, findings);
  if (values["json"]) {
    process.stdout.write(`${JSON.stringify(inspection)}\n`);
    return 0;
  }
  process.stdout.write(`${inspection.model ?? ""} (${inspection.framework}): ${inspection.parameters ?? "an unknown number of"} parameters, ${inspection.batchNorms.length} BN layers\n`);
  for (const { name, shape } of reading.variant.inputs) {
    process.stdout.write(`Input ${name}: ${shape?.join("×") ?? "shape unknown"}${reading.inputIsInferred ? ", inferred from the layers" : ""}\n`);
  }
  process.stdout.write("\n");
  process.stdout.write(
    formatTable(
      ["layer", "kind", "output", "parameters", "line"],
      inspection.layers.map((layer) => [layer.name, layer.kind, layer.outputShape?.join("×") ?? "unknown", String(layer.parameters ?? "unknown"), String(layer.line)]),
    ),
  );
  for (const { reason, line } of inspection.unknowns) process.stdout.write(`\nUnknown at line ${line}: ${reason}\n`);
  for (const { severity, line, verdict, next } of findings) process.stdout.write(`\n${severity} at line ${line ?? "?"}: ${verdict} ${next}\n`);
  for (const problem of reading.problems) {
    const { sentence, action } = describeProblem(problem);
    process.stdout.write(`\n${sentence} ${action}\n`);
  }
  return 0;
}
