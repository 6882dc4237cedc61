/** Which names of a file stand for Keras models, and which of them have BN. */
import type { CallExpression, Expression } from "../../python/expressions";
import { assignmentsIn, callsIn, classesIn, dottedName, namesIn, nodesIn } from "../../python/walk";
import type { SourceFile } from "../../python/parse";
import type { FindingContext } from "../context";
import { fullPath } from "./constants";
import { codeOf, leadsTo } from "./importedDefinitions";

/** What the text alone says. */
type Text = Pick<FindingContext, "file" | "names">;

/** Models of keras.applications without any BN. */
export const WITHOUT_NORM = /^(VGG|ConvNeXt)/;

export interface PretrainedBase {
  readonly name: string;
  /** Its class in keras.applications. */
  readonly model: string;
  /** The call that makes it. */
  readonly made: CallExpression;
  /** Where its last BN layer is among its layers, and how many layers follow it. */
  readonly lastNorm: number;
  readonly afterNorms: number;
}

/** Names that contain nothing but one pretrained model of keras.applications. */
export function pretrainedBases({ file, names }: Text): Map<string, PretrainedBase> {
  const bases = new Map<string, Made | null>();
  const classes = new Map(names.imports);
  for (const node of nodesIn(file.module.body)) {
    if (node.kind !== "assign") continue;
    for (const target of node.targets) {
      const name = dottedName(target);
      if (name === null) continue;
      const path = fullPath(node.value, names.imports);
      // `base = ResNet50`, a class, is called later, perhaps under the same name.
      if (path !== null && APPLICATION.test(path)) classes.set(name, path);
      else bases.set(name, bases.has(name) ? null : applicationOf(node.value, classes));
    }
  }
  return new Map([...bases].flatMap(([name, made]) => (made === null ? [] : [[name, baseOf(name, made)] as const])));
}

/** The pretrained model with BN that is the only one which a file makes, whatever its names. */
export function soleApplication({ file, names }: Text): PretrainedBase | null {
  const made = callsIn(file.module.body).filter(({ callee }) =>
    APPLICATION.test(fullPath(callee, names.imports) ?? ""),
  );
  const [only] = made;
  const application = only === undefined || made.length > 1 ? null : applicationOf(only, names.imports);
  return application === null ? null : baseOf(application.model, application);
}

/** A class of keras.applications. */
export const APPLICATION = /(?:^|\.)keras\.(?:src\.)?applications\.(?:\w+\.)?([A-Z]\w+)$/;

type Made = Pick<PretrainedBase, "model" | "made">;

function applicationOf(value: Expression, classes: ReadonlyMap<string, string>): Made | null {
  if (value.kind !== "call") return null;
  const [, model] = APPLICATION.exec(fullPath(value.callee, classes) ?? "") ?? [];
  const weights = value.arguments.find((argument) => argument.kind === "keyword" && argument.name === "weights")?.value;
  const isRandom = weights?.kind === "constant" && weights.value === "None";
  return model === undefined || isRandom || WITHOUT_NORM.test(model) ? null : { model, made: value };
}

/** Where a model's last BN layer is among its layers, without a top (measured with Keras 3.15). */
const LAST_NORM: Readonly<Record<string, number>> = {
  DenseNet121: 425,
  DenseNet169: 593,
  DenseNet201: 705,
  EfficientNetB0: 235,
  EfficientNetB1: 337,
  EfficientNetB2: 337,
  EfficientNetB3: 382,
  EfficientNetB4: 472,
  EfficientNetB5: 574,
  EfficientNetB6: 664,
  EfficientNetB7: 811,
  EfficientNetV2B0: 268,
  EfficientNetV2B1: 332,
  EfficientNetV2B2: 347,
  EfficientNetV2B3: 407,
  EfficientNetV2L: 1026,
  EfficientNetV2M: 738,
  EfficientNetV2S: 511,
  InceptionResNetV2: 778,
  InceptionV3: 305,
  MobileNet: 84,
  MobileNetV2: 152,
  MobileNetV3Large: 185,
  MobileNetV3Small: 155,
  NASNetLarge: 1031,
  NASNetMobile: 761,
  ResNet101: 342,
  ResNet101V2: 375,
  ResNet152: 512,
  ResNet152V2: 562,
  ResNet50: 172,
  ResNet50V2: 188,
  Xception: 130,
};

/** What no table has, has at least as many layers as the smallest of them. */
const SMALLEST = 80;

/** How many layers follow the last BN layer, where it is more than one activation. */
const AFTER_NORMS: readonly (readonly [RegExp, number])[] = [
  [/^InceptionV3$/, 5],
  [/^NASNet/, 7],
  [/^ResNet\d+$/, 2],
];

const baseOf = (name: string, { model, made }: Made): PretrainedBase => ({
  name,
  model,
  made,
  lastNorm: LAST_NORM[model] ?? SMALLEST,
  afterNorms: AFTER_NORMS.find(([pattern]) => pattern.test(model))?.[1] ?? 1,
});

/** Names that one assignment gives a Keras model with BN in it, as the file says it. */
export function modelsWithNorm(context: Text): ReadonlySet<string> {
  const { file, names } = context;
  if (!codeOf(file, { from: 0, to: file.text.length }).includes("BatchNormalization"))
    return new Set(pretrainedBases(context).keys());
  const classes = new Set(
    classesIn(file.module.body)
      .filter((cls) => cls.arguments.some(({ value }) => isKerasModel(value, names.imports)))
      .filter((definition) => leadsTo({ file, definition }, "BatchNormalization"))
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

const MODEL =
  /(^|\.)keras\.(src\.)?(engine\.)?((models|training|functional|sequential)\.)?(Sequential|Model|Functional)$/;

/** Every word of the file about a model, or all of its layers in a loop, is `trainable = False`. */
export function isFrozenThroughout({ module }: SourceFile, name: string): boolean {
  const said = assignmentsIn(module.body).flatMap(({ targets, value }) =>
    value.kind === "constant" && targets.some((target) => dottedName(target) === `${name}.trainable`)
      ? [value.value === false]
      : [],
  );
  const loops = nodesIn(module.body).flatMap((node) => {
    if (node.kind !== "for" || node.target.kind !== "name") return [];
    const isWhole = dottedName(node.iterable) === `${name}.layers`;
    if (!isWhole && !(node.iterable.kind === "subscript" && dottedName(node.iterable.object) === `${name}.layers`))
      return [];
    const layer = `${node.target.name}.trainable`;
    const isHeld = node.body.some(
      (one) =>
        one.kind === "assign" &&
        one.value.kind === "constant" &&
        one.value.value === false &&
        one.targets.some((target) => dottedName(target) === layer),
    );
    return [isWhole && isHeld];
  });
  const all = [...said, ...loops];
  return all.length > 0 && !all.includes(false);
}

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
