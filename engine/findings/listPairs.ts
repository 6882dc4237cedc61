/**
 * `bn(conv(x))` in a loop over lists of layers (`self.convs`, `self.bns`) of a class that no model of the file calls
 * that far. Only what one class says completely counts: the lists hold one kind of layer each, filled by plain calls
 * of torch.nn, and the class does nothing with the first but go through it and call its layers there.
 */
import type { AttributeExpression, CallExpression, Expression } from "../python/expressions";
import type { ClassStatement } from "../python/statements";
import { assignmentsIn, attributesIn, callsIn, classesIn, nodesIn } from "../python/walk";
import { rangeOf, type FindingContext } from "./context";
import { fullPath } from "./python/constants";
import { torchCall, type TorchCall } from "./torchCall";
import type { CalledPair } from "./attributePairs";
import { reboundName } from "./unnamedValue";

export function listPairs(context: FindingContext, mayWaste: (layer: TorchCall) => boolean): CalledPair[] {
  const { body } = context.file.module;
  // Whoever reads a bias may want it.
  if (attributesIn(body).some(({ name }) => name === "bias")) return [];
  const classes = classesIn(body);
  const bases = new Set(
    classes.flatMap((cls) => cls.arguments.flatMap(({ value }) => (value.kind === "name" ? [value.name] : []))),
  );
  return classes
    .filter((cls) => !bases.has(cls.name) && cls.arguments.some(({ value }) => isModuleClass(context, value)))
    .flatMap((cls) => pairsOfClass(context, cls, mayWaste));
}

const isModuleClass = ({ names }: FindingContext, value: Expression): boolean =>
  fullPath(value, names.imports) === "torch.nn.Module";

function pairsOfClass(
  context: FindingContext,
  cls: ClassStatement,
  mayWaste: (layer: TorchCall) => boolean,
): CalledPair[] {
  const lists = listsOf(context, cls);
  const wasteful = [...lists].filter(([, layers]) => layers.length > 0 && layers.every(mayWaste));
  if (wasteful.length === 0) return [];
  const names = elementNames(cls, lists);
  const listOf = ({ callee }: CallExpression): string | null =>
    callee.kind === "name" ? (names.get(callee.name) ?? null) : listBehind(callee, lists);
  const calls = callsIn(cls);
  return wasteful.flatMap(([name, layers]): CalledPair[] => {
    const [call, ...others] = calls.filter((one) => listOf(one) === name);
    if (call === undefined || others.length > 0 || !isPrivate(context, cls, name)) return [];
    const after = calls.find((next) => takes(context, next, call));
    const norms = after === undefined ? [] : (lists.get(listOf(after) ?? "") ?? []);
    const [norm] = norms;
    const isOneKind = norms.every(({ className }) => className === norm?.className);
    return norm === undefined || !isOneKind ? [] : layers.map((layer) => ({ layer, norm }));
  });
}

/** The layers of each `nn.ModuleList` of the class; none for one that gets anything else. */
function listsOf(context: FindingContext, cls: ClassStatement): Map<string, TorchCall[]> {
  const lists = new Map<string, TorchCall[]>();
  const spoiled = new Set<string>();
  for (const { targets, value: whole } of assignmentsIn(cls.body)) {
    for (const [target, value] of assigned(targets, whole)) {
      const name = listName(target);
      if (name === null) continue;
      const made = elementsMade(context, value);
      if (made === null || (lists.has(name) && name.startsWith("self."))) spoiled.add(name);
      else lists.set(name, lists.get(name) ?? made);
    }
  }
  for (const call of callsIn(cls)) fill(context, lists, spoiled, call);
  for (const name of spoiled) lists.delete(name);
  return lists;
}

/** `self.convs.append(nn.Conv2d(…))`, or a list of such. */
function fill(
  context: FindingContext,
  lists: Map<string, TorchCall[]>,
  spoiled: Set<string>,
  { callee, arguments: args }: CallExpression,
): void {
  if (callee.kind !== "attribute" || !/^(append|insert|extend)$/.test(callee.name)) return;
  const name = listName(callee.object);
  const value = args.at(-1)?.value;
  const list = name === null ? undefined : lists.get(name);
  if (name === null || value === undefined || list === undefined) return;
  const layer = callee.name === "append" ? torchCall(context, value) : null;
  const inner = value.kind === "name" ? lists.get(value.name) : undefined;
  if (inner !== undefined) lists.set(name, inner);
  else if (layer === null) spoiled.add(name);
  else list.push(layer);
}

/** `a, b = nn.ModuleList(), nn.ModuleList()` target by target. */
function assigned(targets: readonly Expression[], value: Expression): (readonly [Expression, Expression])[] {
  return targets.flatMap((target) =>
    target.kind === "sequence" && value.kind === "sequence" && target.elements.length === value.elements.length
      ? target.elements.map((element, index) => [element, value.elements[index] ?? value] as const)
      : [[target, value] as const],
  );
}

/** The layers in `nn.ModuleList([…])`, also of a comprehension; null for anything else. */
function elementsMade(context: FindingContext, value: Expression): TorchCall[] | null {
  const list = torchCall(context, value);
  if (list?.className !== "ModuleList") return null;
  const [given] = list.call.arguments;
  if (given === undefined) return [];
  const elements =
    given.value.kind === "sequence"
      ? given.value.elements
      : given.value.kind === "comprehension"
        ? [given.value.element]
        : null;
  const layers = elements?.map((element) => torchCall(context, element)) ?? [null];
  return layers.every((layer) => layer !== null) ? layers : null;
}

/** `self.convs`, or a name of the function that fills it. */
function listName(node: Expression): string | null {
  if (node.kind === "name") return node.name;
  return node.kind === "attribute" && isOfSelf(node) ? `self.${node.name}` : null;
}

const isOfSelf = ({ object }: AttributeExpression): boolean => object.kind === "name" && object.name === "self";

/** `self.convs` of `self.convs[i][j]`. */
function listBehind(node: Expression, lists: ReadonlyMap<string, unknown>): string | null {
  if (node.kind !== "subscript") return null;
  let object: Expression = node;
  while (object.kind === "subscript") object = object.object;
  const name = listName(object);
  return name !== null && lists.has(name) ? name : null;
}

/** Names that stand for an element of a list of the class; none that stands for two things. */
function elementNames(cls: ClassStatement, lists: ReadonlyMap<string, unknown>): Map<string, string> {
  const found = new Map<string, string>();
  const twice = new Set<string>();
  const bind = (target: Expression | undefined, list: string | null): void => {
    if (target?.kind !== "name" || lists.has(target.name)) return;
    if (list === null || (found.has(target.name) && found.get(target.name) !== list)) twice.add(target.name);
    else found.set(target.name, list);
  };
  for (const node of nodesIn(cls.body)) {
    if (node.kind === "assign") for (const target of node.targets) bind(target, listBehind(node.value, lists));
    if (node.kind === "for") for (const [target, list] of loopTargets(node.target, node.iterable)) bind(target, list);
  }
  for (const name of twice) found.delete(name);
  return found;
}

/** Which variable of a loop goes through which list: `for i, conv in enumerate(self.convs)`, `zip(self.a, self.b)`. */
function loopTargets(target: Expression, iterable: Expression): (readonly [Expression | undefined, string | null])[] {
  const callee = iterable.kind === "call" && iterable.callee.kind === "name" ? iterable.callee.name : null;
  const args = iterable.kind === "call" ? iterable.arguments.map(({ value }) => value) : [];
  const [first] = args;
  const parts = target.kind === "sequence" ? target.elements : [];
  if (callee === "enumerate" && first !== undefined && parts.length === 2) {
    const [, element] = parts;
    return element === undefined ? [] : loopTargets(element, first);
  }
  if (callee === "zip") return parts.map((part, index) => [part, listOfLoop(args[index])] as const);
  return target.kind === "name" ? [[target, listOfLoop(iterable)]] : parts.map((part) => [part, null] as const);
}

const listOfLoop = (node: Expression | undefined): string | null => (node === undefined ? null : listName(node));

/** `self.convs` is only filled, counted and gone through. */
function isPrivate({ file }: FindingContext, cls: ClassStatement, list: string): boolean {
  const name = list.replace(/^self\./, "");
  const mentions = attributesIn(file.module.body).filter((attribute) => attribute.name === name);
  const usual = new Set<Expression>();
  for (const node of nodesIn(cls.body)) {
    if (node.kind === "assign") for (const [target] of assigned(node.targets, node.value)) usual.add(target);
    if (node.kind === "for") usual.add(node.iterable);
    if (node.kind === "subscript") usual.add(node.object);
    if (node.kind !== "call") continue;
    if (node.callee.kind === "attribute" && node.callee.name === "append") usual.add(node.callee.object);
    if (node.callee.kind === "name" && /^(enumerate|zip|len)$/.test(node.callee.name))
      for (const { value } of node.arguments) usual.add(value);
  }
  const isInside = ({ from, to }: Expression): boolean => cls.from <= from && to <= cls.to;
  // A class of its own may have a list of the same name.
  return (
    list.startsWith("self.") &&
    mentions.every((attribute) => isOfSelf(attribute) && (!isInside(attribute) || usual.has(attribute)))
  );
}

/** `bn(conv(x))`, or `x = conv(x)` and then `x = bn(x)`. */
function takes(context: FindingContext, next: CallExpression, call: CallExpression): boolean {
  const [argument, ...others] = next.arguments;
  if (argument?.kind !== "positional" || others.length > 0) return false;
  const { value } = argument;
  if (value === call) return true;
  return value.kind === "name" && reboundName(context, rangeOf(context, call), rangeOf(context, next)) === value.name;
}
