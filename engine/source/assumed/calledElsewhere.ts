/**
 * Models of a file as scripts make them, those beside it and the file itself when it is run: `net = Cloud(args)` with
 * the defaults of its options, `model = unet((256, 256, 1), batch_norm=True)`.
 */
import { defaultLimits } from "../interpreter/createMachine";
import { noArguments } from "../interpreter/machine";
import { isModule } from "../interpreter/aboutValues";
import type { InstanceValue } from "../interpreter/values";
import type { SourceRange } from "../../protocol/modelGraph";
import type { ModuleSource } from "../../python/resolveModule";
import { parsePythonOnce, type SourceFile } from "../../python/parse";
import type { ModuleInstance } from "../buildGraph";
import { isKeras } from "../keras/callKeras";
import { readInstance } from "../readModel";
import type { ModelReading } from "../modelReading";
import { mentions } from "../candidates";
import { namedModules } from "../torch/modules";
import { attemptsIn, waysToNorms } from "./attempts";
import { readAssumed } from "./readAssumed";
import { openFile, type OpenedFile, separately } from "../openFile";
import { isWhole } from "../wholeModels";

/** Steps of a script's own statements, with its models, of its function, and with definitions that need arguments. */
const MOST_STEPS = { run: 150_000, script: 300_000, main: 150_000, definitions: 350_000 };

/** Definitions of one script that are called with likely arguments. */
const MOST_ATTEMPTS = 4;
/** Branches of a definition that are also decided otherwise. */
const MOST_BRANCHES = 4;
/** Networks of one script that are read for their parts. */
const MOST_NETWORKS = 2;

/** Models as callers make them. */
export interface CalledElsewhere {
  /** Those that a script makes when it runs. */
  readonly readings: readonly ModelReading[];
  /** Those that a definition of a script makes which needs arguments itself: one list for each. */
  readonly assumed: readonly (readonly ModelReading[])[];
  /** Networks of the scripts, of which models of the file are parts. */
  readonly around: readonly ModelReading[];
}

/** For each definition of the file that takes arguments, the first model of it that one of its callers makes. */
export function readAsCalled(opened: OpenedFile): CalledElsewhere {
  const { input, candidates } = opened;
  const builders = kerasBuilders(opened);
  const wanted = new Set([
    ...candidates.filter(({ requires }) => requires.length > 0).map(({ name }) => name),
    ...builders.map(({ name }) => name),
  ]);
  const readings: ModelReading[] = [];
  const assumed: (readonly ModelReading[])[] = [];
  const around: ModelReading[] = [];
  for (const caller of wanted.size === 0 ? [] : [...itself(opened), ...(input.callers?.() ?? [])]) {
    const found = readingsOf(opened, caller, { wanted, builders });
    readings.push(...found.readings);
    assumed.push(...found.assumed);
    around.push(...found.around);
    if (wanted.size === 0) break;
  }
  return { readings, assumed, around };
}

/** What a file does only when it is run itself. */
const itself = ({ file: { path, text } }: OpenedFile): ModuleSource[] =>
  /^if\s+\(?\s*__name__\s*==/m.test(text) ? [{ path, text }] : [];

/** Functions and methods that make Keras models with BN of their arguments, and classes of such models with options. */
function kerasBuilders({ machine, scope, file }: OpenedFile): Builder[] {
  if (!file.text.includes("BatchNormalization")) return [];
  return waysToNorms(machine, scope)
    .filter(({ attempt }) => attempt.takesArguments)
    .map(({ attempt: { name, range } }) => ({ name, range }));
}

interface Builder {
  readonly name: string;
  readonly range: SourceRange;
}

/** A script that makes models of a file. */
interface Calling {
  /** With the script's machine. */
  readonly elsewhere: OpenedFile;
  readonly script: OpenedFile;
  /** Classes and builders of the file that nobody was seen to call yet. */
  readonly wanted: Set<string>;
  readonly builders: readonly Builder[];
  /** These classes, and functions of the file that make them. */
  readonly makers: ReadonlySet<string>;
}

/** What is found is no longer wanted. */
function readingsOf(
  opened: OpenedFile,
  caller: ModuleSource,
  { wanted, builders }: Pick<Calling, "wanted" | "builders">,
): CalledElsewhere {
  const nothing = { readings: [], assumed: [], around: [] };
  const makers = makersOf(opened, wanted);
  if (!callsOne(caller.text, makers, caller.text)) return nothing;
  const file = parsePythonOnce(caller.path, caller.text);
  if (file.syntaxErrors.length > 0) return nothing;
  const { callers: _, limits = defaultLimits, ...given } = opened.input;
  const input = { ...given, limits: { ...limits, steps: MOST_STEPS.run, wholeFile: MOST_STEPS.script } };
  const script = openFile({ ...input, path: caller.path, text: caller.text }, file, true);
  const { machine, made } = script;
  const calling = { elsewhere: { ...opened, machine }, script, wanted, builders, makers };
  const isItself = caller.path === opened.file.path;
  const around = isItself ? [] : madeByNetworks(calling);
  const atTop = separately(machine, () => firstOfEach(calling, made));
  const readings = atTop.length > 0 ? atTop : madeInMain(calling);
  const assumed = readings.length > 0 || isItself ? [] : madeByDefinitions(calling);
  opened.machine.budget.spend(machine.budget.total);
  return { readings, assumed, around };
}

/** These classes, and the functions of the file that make them. */
function makersOf({ scope }: OpenedFile, wanted: ReadonlySet<string>): ReadonlySet<string> {
  const functions = [...scope.variables].flatMap(([name, value]) =>
    value.kind === "function" && value.closure === scope && mentions(scope, value, wanted) ? [name] : [],
  );
  return new Set([...wanted, ...functions]);
}

/** `class DeepLab: def __init__(self): self.decoder = build_decoder(21, nn.BatchNorm2d)`, made with its defaults. */
function madeByNetworks(calling: Calling): ModelReading[] {
  const { elsewhere, script, makers } = calling;
  const { machine, scope, file } = script;
  const lines = file.text.split("\n");
  const networks = attemptsIn(machine, scope).filter(
    ({ range, isModule: isNetwork, assumed }) =>
      isNetwork &&
      assumed.length === 0 &&
      callsOne(lines.slice(range.startLine - 1, range.endLine).join("\n"), makers, file.text),
  );
  return networks.slice(0, MOST_NETWORKS).flatMap(({ expression, run }) => {
    if (machine.budget.total > MOST_STEPS.definitions) return [];
    return separately(
      machine,
      () => {
        const network = run(machine);
        return isModule(network) && hasPartOf(network, elsewhere.file)
          ? [readInstance(elsewhere, network, { model: expression, notes: [], inputs: [], data: null })]
          : [];
      },
      MOST_STEPS.main,
    );
  });
}

/** Whether a class of the file is among a network's parts. */
const hasPartOf = (network: ModuleInstance, { path }: SourceFile): boolean =>
  namedModules(network).some(([, part]) => isModule(part) && part.cls.kind === "class" && part.cls.range.path === path);

/** Whether a part of a script calls one of these classes, also by another name (`from tower import Tower as Net`). */
function callsOne(part: string, wanted: ReadonlySet<string>, script: string): boolean {
  return [...wanted].some((name) => {
    const others = [...script.matchAll(new RegExp(`\\b${name}\\s+as\\s+(\\w+)`, "g"))].map(([, other]) => other);
    return new RegExp(`\\b(${[name, ...others].join("|")})\\(`).test(part);
  });
}

/** What of the file made a model, where it is one of those that are looked for. */
function wantedName({ elsewhere, script, wanted, builders }: Calling, { cls, range }: InstanceValue): string | null {
  const { path } = elsewhere.file;
  const isOfClass = cls.kind === "class" && cls.range.path === path && range.path === script.file.path;
  if (isOfClass) return wanted.has(cls.name) ? cls.name : null;
  const builder = range.path === path ? builders.find((one) => isWithin(range, one.range)) : undefined;
  return builder !== undefined && wanted.has(builder.name) ? builder.name : null;
}

const isWithin = (inner: SourceRange, outer: SourceRange): boolean =>
  inner.path === outer.path && outer.startLine <= inner.startLine && inner.endLine <= outer.endLine;

function firstOfEach(calling: Calling, models: readonly InstanceValue[]): ModelReading[] {
  const { elsewhere, script } = calling;
  const seen = new Map<string, ModuleInstance>();
  for (const model of models) {
    const name = wantedName(calling, model);
    if (name !== null && isModule(model) && isWhole(model) && !seen.has(name)) seen.set(name, model);
  }
  return [...seen].flatMap(([name, model]) => {
    const text = model.range.path === script.file.path ? textAt(script.file, model.range) : `${name}(…)`;
    const reading = readInstance(elsewhere, model, { model: text, notes: [], inputs: [], data: null });
    // A script that was not followed to the end of what makes it says nothing about it.
    if (isKeras(model) && (reading.graph?.nodes.length ?? 0) === 0) return [];
    calling.wanted.delete(name);
    return [reading];
  });
}

function madeInMain(calling: Calling): ModelReading[] {
  const { machine, scope } = calling.script;
  const main = scope.variables.get("main");
  if (main?.kind !== "function" || main.parameters.some(({ defaultValue }) => defaultValue === null)) return [];
  return separately(
    machine,
    () => {
      const inMain: InstanceValue[] = (machine.made = []);
      machine.call(main, noArguments, main.range);
      machine.made = null;
      return firstOfEach(calling, inMain);
    },
    MOST_STEPS.main,
  );
}

/** `def __init__(self, game): self.net = Net(game, settings)`: the settings are known, the game is not. */
function madeByDefinitions(calling: Calling): ModelReading[][] {
  const { elsewhere, script, wanted } = calling;
  const { machine, scope, file } = script;
  const lines = file.text.split("\n");
  const attempts = attemptsIn(machine, scope).filter(
    ({ range, isModule: isNetwork }) =>
      !isNetwork && callsOne(lines.slice(range.startLine - 1, range.endLine).join("\n"), wanted, file.text),
  );
  const found: ModelReading[][] = [];
  for (const attempt of attempts.slice(0, MOST_ATTEMPTS)) {
    if (wanted.size === 0 || machine.budget.total > MOST_STEPS.definitions) break;
    const names = new Set<string>();
    const readings = readAssumed(elsewhere, attempt, MOST_BRANCHES, (model) => {
      const name = wantedName(calling, model);
      if (name !== null) names.add(name);
      return name !== null;
    });
    // Which of several models a reading shows is not told apart: each is made by itself.
    const [first, ...others] = names;
    if (first === undefined) continue;
    for (const name of names) {
      const own = (): ModelReading[] =>
        readAssumed(elsewhere, attempt, MOST_BRANCHES, (model) => wantedName(calling, model) === name);
      found.push(others.length === 0 ? readings : own());
    }
    for (const name of names) wanted.delete(name);
  }
  return found;
}

/** A call in one line. */
function textAt(file: SourceFile, { startLine, startColumn, endLine, endColumn }: SourceRange): string {
  const lines = file.text.split("\n").slice(startLine - 1, endLine);
  const whole = lines.map((line, index) =>
    line.slice(index === 0 ? startColumn : 0, index === lines.length - 1 ? endColumn : undefined),
  );
  return whole.join(" ").replace(/\s+/g, " ");
}
