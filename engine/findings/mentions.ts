import type { Layer } from "../protocol/modelGraph";
import type { AttributeExpression, CallExpression, Expression } from "../python/expressions";
import type { AssignStatement, ClassStatement, Statement } from "../python/statements";
import { onceAFile } from "./onceAFile";
import type { SourceFile } from "../python/parse";
import { assignmentsIn, attributesIn, callsIn, classesIn, nodesIn, stringsIn } from "../python/walk";

/**
 * Whether anything but an assignment names the layer: `self.aux_bn(x)` in a branch that this configuration does not
 * take, `model.bn4` in another place. The name is the layer's last word that is no number (`layers.0.bn` is `bn`).
 */
export function mentionsLayer(file: SourceFile, layer: Layer): boolean {
  const words = layer.name.split(".").filter((word) => !/^\d+$/.test(word));
  return words.length === 0 || words.some((word) => mentionsName(file, layer, word, word === words.at(-1)));
}

/**
 * Whether the file does more with a layer than to store and call it in its own class: gives it away, reads its bias,
 * calls it from outside. Where no model of the file contains the class, such code may be what the layer is for.
 */
export function isHandledElsewhere(file: SourceFile, layer: Layer): boolean {
  const word = layer.name.split(".").findLast((part) => !/^\d+$/.test(part));
  if (word === undefined) return false;
  const { called, stored, weighed, listed, attributes } = usesOf(file);
  // Whoever goes through a list may read the bias of what is in it.
  const isListed = /\.\d+$/.test(layer.name) && !attributes.has("bias");
  return (attributes.get(word) ?? []).some((attribute) => {
    const isSelf = attribute.object.kind === "name" && attribute.object.name === "self";
    const isUsual =
      called.has(attribute) || stored.has(attribute) || weighed.has(attribute) || (isListed && listed.has(attribute));
    return !isSelf || !isUsual;
  });
}

/** An outer container (`layers` of `layers.0.bn`) is mentioned by its own use; only its complete absence counts. */
function mentionsName(file: SourceFile, layer: Layer, word: string, isLast: boolean): boolean {
  if (!isLast) return false;
  const classes = classesIn(file.module.body);
  const home = classes.filter((cls) => holds(file, cls, layer)).at(-1);
  const family = home === undefined ? classes : familyOf(classes, home);
  const { stored, attributes, strings } = usesOf(file);
  const isRead = (attributes.get(word) ?? []).some((attribute) => {
    if (stored.has(attribute)) return false;
    const isSelf = attribute.object.kind === "name" && attribute.object.name === "self";
    return !isSelf || home === undefined || family.some((cls) => cls.from <= attribute.from && attribute.to <= cls.to);
  });
  // `getattr(self, "bn4")`, `add_module("bn4", …)` read back by name.
  return isRead || strings.has(word);
}

function holds(file: SourceFile, cls: ClassStatement, layer: Layer): boolean {
  const range = file.lines.range(file.path, cls);
  return range.startLine <= layer.range.startLine && layer.range.endLine <= range.endLine;
}

/** A class, those that derive from it and those it derives from, by their names in this file. */
function familyOf(classes: readonly ClassStatement[], home: ClassStatement): ClassStatement[] {
  const names = new Set([home.name]);
  const basesOf = (cls: ClassStatement): string[] =>
    cls.arguments.flatMap(({ value }) => (value.kind === "name" ? [value.name] : []));
  for (const base of basesOf(home)) names.add(base);
  let size = 0;
  while (size !== names.size) {
    size = names.size;
    for (const cls of classes) if (basesOf(cls).some((base) => names.has(base))) names.add(cls.name);
  }
  return classes.filter((cls) => names.has(cls.name));
}

interface Uses {
  readonly attributes: ReadonlyMap<string, readonly AttributeExpression[]>;
  /** Attributes that are called, and those that are assigned to. */
  readonly called: ReadonlySet<unknown>;
  readonly stored: ReadonlySet<unknown>;
  /** Attributes of which only the weight is asked for: `self.conv.weight` says nothing about the bias. */
  readonly weighed: ReadonlySet<unknown>;
  /** Attributes that are filled and gone through as lists are. */
  readonly listed: ReadonlySet<unknown>;
  readonly strings: ReadonlySet<string>;
}

const usesOf = onceAFile(({ module: { body } }): Uses => {
  const targets = assignmentsIn(body)
    .flatMap((assignment) => assignment.targets)
    .flatMap((target) => (target.kind === "sequence" ? target.elements : [target]));
  return {
    attributes: byName(attributesIn(body)),
    called: new Set(callsIn(body).map(({ callee }) => callee)),
    stored: new Set(targets.filter((target) => target.kind === "attribute")),
    weighed: new Set(attributesIn(body).flatMap(({ name, object }) => (name === "weight" ? [object] : []))),
    listed: new Set([...callsIn(body).flatMap(listsOf), ...loopsIn(body), ...assignmentsIn(body).flatMap(pickedFrom)]),
    strings: new Set(stringsIn(body).map(({ value }) => value)),
  };
});

/** `self.convs.append(…)`, `enumerate(self.convs)`, `len(self.convs[i])`, `self.convs[i](x)` */
function listsOf({ callee, arguments: args }: CallExpression): Expression[] {
  if (callee.kind === "attribute" && /^(append|extend|insert)$/.test(callee.name)) return [callee.object];
  if (callee.kind === "subscript") return [listBehind(callee)];
  const isWalk = callee.kind === "name" && /^(enumerate|zip|len|reversed)$/.test(callee.name);
  return isWalk ? args.map(({ value }) => listBehind(value)) : [];
}

/** `conv = self.convs[i][j]` */
const pickedFrom = ({ value }: AssignStatement): Expression[] =>
  value.kind === "subscript" ? [listBehind(value)] : [];

/** `self.convs` of `self.convs[i][j]`, and of itself. */
function listBehind(node: Expression): Expression {
  let object = node;
  while (object.kind === "subscript") object = object.object;
  return object;
}

/** `for conv in self.convs` */
const loopsIn = (body: readonly Statement[]): Expression[] =>
  nodesIn(body).flatMap((node) => (node.kind === "for" ? [node.iterable] : []));

function byName(attributes: readonly AttributeExpression[]): Map<string, AttributeExpression[]> {
  const named = new Map<string, AttributeExpression[]>();
  for (const attribute of attributes) {
    const known = named.get(attribute.name);
    if (known === undefined) named.set(attribute.name, [attribute]);
    else known.push(attribute);
  }
  return named;
}
