/** Which names of a file stand for Keras models, and which of them have BN. */
import type { Expression } from "../../python/expressions";
import { assignmentsIn, classesIn, dottedName, namesIn, nodesIn } from "../../python/walk";
import type { FindingContext } from "../context";
import { fullPath } from "./constants";

/** Models of keras.applications without any BN. */
const WITHOUT_NORM = /^(VGG|ConvNeXt)/;

/** Names that contain nothing but one pretrained model of keras.applications, with the class. */
export function pretrainedBases({ file, names }: FindingContext): Map<string, string> {
  const bases = new Map<string, string | null>();
  for (const node of nodesIn(file.module.body)) {
    if (node.kind !== "assign") continue;
    for (const target of node.targets) {
      const name = dottedName(target);
      if (name !== null) bases.set(name, bases.has(name) ? null : applicationOf(node.value, names.imports));
    }
  }
  return new Map([...bases].flatMap(([name, model]) => (model === null ? [] : [[name, model] as const])));
}

function applicationOf(value: Expression, imports: ReadonlyMap<string, string>): string | null {
  if (value.kind !== "call") return null;
  const [, model] =
    /(?:^|\.)keras\.(?:src\.)?applications\.(?:\w+\.)?([A-Z]\w+)$/.exec(fullPath(value.callee, imports) ?? "") ?? [];
  const weights = value.arguments.find((argument) => argument.kind === "keyword" && argument.name === "weights")?.value;
  const isRandom = weights?.kind === "constant" && weights.value === "None";
  return model === undefined || isRandom || WITHOUT_NORM.test(model) ? null : model;
}

/** Names that one assignment gives a Keras model with BN in it, as the file says it. */
export function modelsWithNorm(context: FindingContext): ReadonlySet<string> {
  const { file, names } = context;
  if (!file.text.includes("BatchNormalization")) return new Set(pretrainedBases(context).keys());
  const classes = new Set(
    classesIn(file.module.body)
      .filter((cls) => cls.arguments.some(({ value }) => isKerasModel(value, names.imports)))
      .map(({ name }) => name),
  );
  const makes = (value: Expression): boolean =>
    value.kind === "call" && (isKerasModel(value.callee, names.imports) || classes.has(dottedName(value.callee) ?? ""));
  const made = [...nodesIn(file.module.body)].flatMap((node) =>
    node.kind === "assign" && makes(node.value) ? node.targets.flatMap((target) => dottedName(target) ?? []) : [],
  );
  return new Set([...made, ...pretrainedBases(context).keys()]);
}

/** Whether an expression names one of Keras's classes of models. */
export const isKerasModel = (value: Expression, imports: ReadonlyMap<string, string>): boolean =>
  MODEL.test(fullPath(value, imports) ?? "");

const MODEL = /(^|\.)keras\.(src\.)?((engine\.)?models\.)?(Sequential|Model|Functional)$/;

/** Whether what makes one model has another in it, over any names in between: `x = base(i)`, `Model(i, head(x))`. */
export function contains({ file }: FindingContext, outer: string, inner: string): boolean {
  const root = inner.split(".")[0] ?? inner;
  const pending = [outer];
  const seen = new Set<string>();
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const values = assignmentsIn(file.module.body).filter(({ targets }) =>
      targets.some((target) => dottedName(target) === name),
    );
    pending.push(...values.flatMap(({ value }) => namesIn(value).map((used) => used.name)));
  }
  return seen.has(root);
}
