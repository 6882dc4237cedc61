/** Models of a file as the scripts beside it make them: `net = Cloud(args)` with the defaults of its options. */
import { defaultLimits } from "../interpreter/createMachine";
import { noArguments } from "../interpreter/machine";
import { isModule } from "../interpreter/aboutValues";
import type { InstanceValue } from "../interpreter/values";
import type { SourceRange } from "../../protocol/modelGraph";
import type { ModuleSource } from "../../python/resolveModule";
import { parsePythonOnce, type SourceFile } from "../../python/parse";
import type { ModuleInstance } from "../buildGraph";
import { readInstance } from "../readModel";
import type { ModelReading } from "../modelReading";
import { openFile, type OpenedFile, separately } from "../openFile";

/** Steps of one script, and of its function. */
const MOST_STEPS = { script: 300_000, main: 150_000 };

/** For each class of the file that needs arguments, the first model of it that one of its callers makes. */
export function readAsCalled(opened: OpenedFile): ModelReading[] {
  const wanted = new Set(opened.candidates.filter(({ requires }) => requires.length > 0).map(({ name }) => name));
  const readings: ModelReading[] = [];
  for (const caller of wanted.size === 0 ? [] : (opened.input.callers?.() ?? [])) {
    for (const reading of readingsOf(opened, caller, wanted)) {
      readings.push(reading);
      wanted.delete(/^\w+/.exec(reading.model ?? "")?.[0] ?? "");
    }
    if (wanted.size === 0) break;
  }
  return readings;
}

function readingsOf(opened: OpenedFile, caller: ModuleSource, wanted: ReadonlySet<string>): ModelReading[] {
  if (![...wanted].some((name) => new RegExp(`\\b${name}\\(`).test(caller.text))) return [];
  const file = parsePythonOnce(caller.path, caller.text);
  if (file.syntaxErrors.length > 0) return [];
  const made: InstanceValue[] = [];
  const { callers: _, limits = defaultLimits, ...given } = opened.input;
  const input = { ...given, limits: { ...limits, wholeFile: MOST_STEPS.script } };
  const script = openFile({ ...input, path: caller.path, text: caller.text }, file, made);
  const { machine, scope } = script;
  const elsewhere = { ...opened, machine };
  const firstOfEach = (models: readonly InstanceValue[]): ModelReading[] => {
    const seen = new Map<string, ModuleInstance>();
    for (const model of models) {
      const { cls } = model;
      const isWanted = cls.kind === "class" && wanted.has(cls.name) && cls.range.path === opened.file.path;
      if (isWanted && isModule(model) && model.range.path === caller.path && !seen.has(cls.name))
        seen.set(cls.name, model);
    }
    return [...seen.values()].map((model) =>
      readInstance(elsewhere, model, { model: textAt(file, model.range), notes: [], inputs: [], data: null }),
    );
  };
  const atTop = separately(machine, () => firstOfEach(made));
  opened.machine.budget.spend(machine.budget.total);
  if (atTop.length > 0) return atTop;
  const main = scope.variables.get("main");
  if (main?.kind !== "function" || main.parameters.some(({ defaultValue }) => defaultValue === null)) return [];
  return separately(
    machine,
    () => {
      const inMain: InstanceValue[] = (machine.made = []);
      machine.call(main, noArguments, main.range);
      machine.made = null;
      return firstOfEach(inMain);
    },
    MOST_STEPS.main,
  );
}

/** A call in one line. */
function textAt(file: SourceFile, { startLine, startColumn, endLine, endColumn }: SourceRange): string {
  const lines = file.text.split("\n").slice(startLine - 1, endLine);
  const whole = lines.map((line, index) =>
    line.slice(index === 0 ? startColumn : 0, index === lines.length - 1 ? endColumn : undefined),
  );
  return whole.join(" ").replace(/\s+/g, " ");
}
