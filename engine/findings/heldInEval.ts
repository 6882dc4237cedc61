/**
 * Whether a file keeps BN layers in eval mode while it trains (frozen backbones). Such layers use no batch
 * statistics, so rules about batch statistics do not apply to them; as it is rarely certain which ones, they all keep
 * silent in that file.
 */
import type { CallExpression } from "../python/expressions";
import type { ClassStatement } from "../python/statements";
import type { SourceFile } from "../python/parse";
import { freezesInKeras } from "./heldInKeras";
import { onceAFile } from "./onceAFile";
import { isOffByDefault } from "./python/offByDefault";
import { assignmentsIn, callsIn, classesIn, dottedName, functionsIn, nodesIn } from "../python/walk";

export const holdsNormInEval = onceAFile((file: SourceFile): boolean => {
  const isSwitched = /\.\s*(?:eval|train)\s*\(/.test(file.text);
  return (
    (isSwitched &&
      classesIn(file.module.body).some((cls) =>
        isModule(cls)
          ? callsIn(cls.body).some((call) => switches(file, call) && !isGiven(cls, call))
          : holdsPartOfNetwork(cls),
      )) ||
    (isSwitched && freezesNorms(file)) ||
    freezesInKeras(file)
  );
});

/** `if isinstance(m, nn.BatchNorm2d): m.eval()`, wherever the file does it. */
function freezesNorms(file: SourceFile): boolean {
  return [...nodesIn(file.module.body)].some(
    (node) =>
      node.kind === "if" &&
      node.branches.some(
        ({ test, body }) =>
          /isinstance\s*\(.*Norm/s.test(file.text.slice(test.from, test.to)) &&
          callsIn(body).some((call) => switches(file, call)),
      ),
  );
}

function isModule(cls: ClassStatement): boolean {
  const isDerived = cls.arguments.some(({ value }) => dottedName(value) !== "object");
  return isDerived && functionsIn(cls.body).some(({ name }) => name === "forward" || name === "train");
}

/** `self.net = net` of a constructor: a network that somebody hands over to be asked is no part of the class. */
function isGiven(cls: ClassStatement, { callee }: CallExpression): boolean {
  const held = callee.kind === "attribute" ? dottedName(callee.object) : null;
  const constructor = functionsIn(cls.body).find(({ name }) => name === "__init__");
  const given = new Set(constructor?.parameters.map(({ name }) => name));
  const values = assignmentsIn(cls.body).filter(({ targets }) => targets.some((target) => dottedName(target) === held));
  return values.length > 0 && values.every(({ value }) => value.kind === "name" && given.has(value.name));
}

/** A trainer evaluates whole networks; what it trains with `self.net.backbone.eval()` keeps a part in eval mode. */
function holdsPartOfNetwork(cls: ClassStatement): boolean {
  return functionsIn(cls.body)
    .filter(({ name }) => /train|fit|epoch|step/i.test(name))
    .some(({ body }) =>
      callsIn(body).some(
        (call) =>
          switchesPart(call) &&
          call.callee.kind === "attribute" &&
          (dottedName(call.callee.object) ?? "").replace(/\.module\b/g, "").split(".").length > 2,
      ),
    );
}

/** Not only for those who ask for it. */
const switches = (file: SourceFile, call: CallExpression): boolean => switchesPart(call) && !isOffByDefault(file, call);

/** `m.eval()`, `self.bn1.eval()`, `m.train(False)`; `self.eval()` in a predict method switches the whole model. */
function switchesPart({ callee, arguments: args }: CallExpression): boolean {
  if (callee.kind !== "attribute") return false;
  const isWhole = callee.object.kind === "name" && callee.object.name === "self";
  const isSuper = callee.object.kind === "call";
  const [first] = args;
  const isFalse = first?.value.kind === "constant" && first.value.value === false;
  return (
    !isWhole && !isSuper && ((callee.name === "eval" && args.length === 0) || (callee.name === "train" && isFalse))
  );
}
