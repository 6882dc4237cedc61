/** Whether two passes of a network get two kinds of data, by the names in the text of what they are given. */
import type { CallExpression, Expression } from "../../python/expressions";
import type { SourceFile } from "../../python/parse";
import { callsIn, dottedName, nodesIn } from "../../python/walk";
import { functionOf } from "./scriptContext";
import type { Forward, Site } from "../../script/tracedValues";
import { tokensOf } from "../../script/words";

/** Of generated and replayed samples only what a network sees in training is said, not that it is a mistake. */
export type InputKind = "domains" | "adversarial" | "generated" | "replayed";

/** null where the names do not say it. */
export function kindOfPair(first: Forward, second: Forward): InputKind | null {
  const [one, other] = [inputNames(first), inputNames(second)];
  if (one === null || other === null || keepsStatistics(first.site) || keepsStatistics(second.site)) return null;
  if (isAdversarial(first, one) || isAdversarial(second, other)) return "adversarial";
  const areDomains = [[one, other] as const, [other, one] as const].some(
    ([a, b]) => areTwins(a, b) || isTargetData(a, b) || (isAboutDomains(second) && isSourceData(a, b)),
  );
  if (areDomains || areOfDomains(first, second)) return "domains";
  if (isApart(one, other, [REAL, FAKE])) return "generated";
  return isApart(one, other, [NEW, REPLAYED]) ? "replayed" : null;
}

const REAL = /^(real|reals)$/;
const FAKE = /^(fake|fakes|generated|synthetic)$/;
/** `model(inputs)` beside `model(buf_inputs)`: what says nothing is new. */
const NEW = /^/;
const REPLAYED = /^(replay|replayed|buf|buffer|rehearsal|exemplars?)$/;

/** Only one of the two has a name of the one kind, and only the other one of the other. */
function isApart(one: readonly string[], other: readonly string[], [a, b]: readonly [RegExp, RegExp]): boolean {
  const says = (names: readonly string[], pattern: RegExp): boolean =>
    names.some((name) => tokensOf(name).some((token) => pattern.test(token)));
  const are = (x: readonly string[], y: readonly string[]): boolean =>
    says(x, a) && !says(x, b) && says(y, b) && (a === NEW || !says(y, a));
  return are(one, other) || are(other, one);
}

const calls = new WeakMap<SourceFile, ReadonlyMap<string, CallExpression>>();

function callAt({ file, from, to }: Site): CallExpression | undefined {
  const known = calls.get(file) ?? new Map(callsIn(file.module.body).map((call) => [`${call.from} ${call.to}`, call]));
  calls.set(file, known);
  return known.get(`${from} ${to}`);
}

/** Names in the first argument of the call, without those of the functions it calls. */
function inputNames({ site }: Forward): string[] | null {
  const argument = callAt(site)?.arguments[0]?.value;
  return argument === undefined ? null : namesOf(argument);
}

function namesOf(expression: Expression): string[] {
  const called = new Set(callsIn(expression).flatMap(({ callee }) => (callee.kind === "name" ? [callee.name] : [])));
  return [...nodesIn(expression), expression].flatMap((node) => {
    if (node.kind === "attribute" && dottedName(node)?.startsWith("self.") === true) return [node.name];
    return node.kind === "name" && node.name !== "self" && !called.has(node.name) ? [node.name] : [];
  });
}

const SOURCE = /^(source|sources|src)$/;
const TARGET = /^(target|targets|tgt|trg|tar)$/;
const DATA = /^(x|img|imgs|image|images|input|inputs|data|batch|sample|samples|feat|feats|feature|features)$/;

/** `source_images` and `target_images`, `img_s` and `img_t`. */
function areTwins(one: readonly string[], other: readonly string[]): boolean {
  return one.some((name) => other.some((second) => isTwin(tokensOf(name), tokensOf(second))));
}

function isTwin(source: readonly string[], target: readonly string[]): boolean {
  if (source.length !== target.length) return false;
  const apart = source.flatMap((token, index) =>
    token === target[index] ? [] : [[token, target[index] ?? ""] as const],
  );
  const [[a, b] = ["", ""]] = apart;
  if (apart.length !== 1) return false;
  if (SOURCE.test(a) && TARGET.test(b)) return true;
  return a === "s" && b === "t" && source.some((token) => DATA.test(token));
}

/** `images` and `target_images`: data of another domain, not the labels. */
function isTargetData(one: readonly string[], other: readonly string[]): boolean {
  const says = (names: readonly string[]): boolean =>
    names
      .map(tokensOf)
      .some((tokens) => tokens.some((token) => TARGET.test(token)) && tokens.some((token) => DATA.test(token)));
  return (
    says(other) &&
    !says(one) &&
    one.map(tokensOf).some((tokens) => tokens.some((token) => DATA.test(token) || SOURCE.test(token)))
  );
}

/** `images_source` and `images`. */
function isSourceData(one: readonly string[], other: readonly string[]): boolean {
  const rest = one.map(tokensOf).flatMap((tokens) => {
    const others = tokens.filter((token) => !SOURCE.test(token));
    return others.length > 0 && others.length < tokens.length ? [others.join(" ")] : [];
  });
  return other.some((name) => rest.includes(tokensOf(name).join(" ")));
}

const isAboutDomains = ({ site }: Forward): boolean => /domain|adapt/i.test(site.file.text);

const TARGET_LOADER = /^(target|tgt|trg)(loader|set|data|dataset|dataloader|iter)?$/;

/** `images` from `trainloader` and `images` from `targetloader`, in a file about domains. */
function areOfDomains(first: Forward, second: Forward): boolean {
  if (!isAboutDomains(second)) return false;
  const says = ({ words }: Forward): boolean =>
    words.some((word) => {
      const tokens = tokensOf(word);
      return (
        tokens.some((token) => TARGET_LOADER.test(token)) && tokens.some((token) => /load|iter|data|set/.test(token))
      );
    });
  return says(first) !== says(second);
}

const ADVERSARIAL = /^(adv|advs|adversarial|adversarials|perturbed|attacked|perturbation|perturb|delta|eta|xadv)$/;

/** `net(x_adv)`, `net(x + delta)`, or a pass in the function of an attack. */
function isAdversarial(pass: Forward, names: readonly string[]): boolean {
  if (names.some((name) => tokensOf(name).some((token) => ADVERSARIAL.test(token)))) return true;
  const name = functionOf(pass)?.node.name ?? "";
  return /^_?(fgsm|pgd|attack)|_(fgsm|pgd|attack)$|attack_|adversar/i.test(name) && !/train|loss|epoch/i.test(name);
}

/** `with no_bn_statistics(net):` around the pass. */
function keepsStatistics({ file, from, to }: Site): boolean {
  return nodesIn(file.module.body).some(
    (node) =>
      node.kind === "with" &&
      node.from <= from &&
      to <= node.to &&
      node.items.some(({ context }) => /bn|norm|stat|track/i.test(file.text.slice(context.from, context.to))),
  );
}
