/**
 * `d.train_on_batch(np.concatenate([real, g.predict(noise)]), …)`: BN in the discriminator normalizes both halves with
 * the statistics of their mixture.
 */
import type { CallExpression, Expression } from "../../python/expressions";
import type { SourceFile } from "../../python/parse";
import { assignmentsIn, callsIn, dottedName } from "../../python/walk";
import { tokensOf } from "../../script/words";
import { rangeOf } from "../context";
import { findingOf } from "../draft";
import { functionAround } from "../python/enclosing";
import { runsInTape } from "../python/gradientTapes";
import { KerasNorms, type Project } from "../python/kerasNorms";
import type { SourceFinding } from "../sourceFinding";

const JOINS = /(^|\.)(concatenate|concat|vstack|row_stack)$/;
const GENERATED = /^(fake|fakes|gen|generated|generator|g|synth|synthetic|decoder)$/;
const DISCRIMINATOR = /^(d|dis|disc|discriminator|critic|discrim)$/;

export function kerasRealFake(file: SourceFile, project: Project): SourceFinding[] {
  if (!/\b(keras|tensorflow)\b/.test(file.text) || !/concat|vstack|row_stack/.test(file.text)) return [];
  const norms = new KerasNorms(project);
  const reported = new Set<string>();
  return callsIn(file.module.body).flatMap((call) => {
    const trained = trainedModel(file, call);
    const name = trained === null ? null : dottedName(trained);
    const [batch] = call.arguments;
    if (trained === null || name === null || batch === undefined || reported.has(name)) return [];
    if (!isMixture(file, name, source(file, batch.value)) || norms.makersOf(file, trained) === null) return [];
    reported.add(name);
    return [describe(file, call, name)];
  });
}

/** `d` of `d.train_on_batch(…)`, and of `d(…)` in a tape. */
function trainedModel(file: SourceFile, { callee, ...call }: CallExpression): Expression | null {
  if (callee.kind === "attribute" && callee.name === "train_on_batch") return callee.object;
  return dottedName(callee) !== null && runsInTape(file, call) ? callee : null;
}

/** What the last assignment before gives a name in its own function; anything else is itself. */
function source(file: SourceFile, value: Expression): Expression {
  const name = dottedName(value);
  if (name === null) return value;
  const around = functionAround(file, value);
  const given = assignmentsIn(around?.body ?? file.module.body).filter(
    ({ from, targets }) => from < value.from && targets.some((target) => dottedName(target) === name),
  );
  return given.at(-1)?.value ?? value;
}

/** One part comes out of another model, another part does not, and the batch is what grows. */
function isMixture(file: SourceFile, model: string, joined: Expression): boolean {
  if (joined.kind !== "call" || !JOINS.test(dottedName(joined.callee) ?? "")) return false;
  const [list, ...others] = joined.arguments;
  if (list?.value.kind !== "sequence" || !others.every(({ value }) => value.kind === "number" && value.value === 0))
    return false;
  const makers = list.value.elements.map((part) => makerOf(source(file, part), model));
  const made = makers.filter((maker) => maker !== null);
  if (made.length === 0 || made.length === makers.length) return false;
  return hasWord(model, DISCRIMINATOR) || made.some((maker) => hasWord(maker, GENERATED));
}

/** `g` of `g.predict(noise)` and of `g(noise, training=True)`. */
function makerOf(value: Expression, model: string): string | null {
  if (value.kind !== "call") return null;
  const { callee } = value;
  const asked = callee.kind === "attribute" && /^predict(_on_batch)?$/.test(callee.name) ? callee.object : callee;
  const name = dottedName(asked);
  return name === null || name === model || !(asked !== callee || hasWord(name, GENERATED)) ? null : name;
}

const hasWord = (name: string, words: RegExp): boolean =>
  tokensOf(name.split(".").at(-1) ?? "").some((token) => words.test(token));

const describe = (file: SourceFile, call: CallExpression, name: string): SourceFinding =>
  findingOf({
    rule: "real-fake-concatenated",
    layers: [],
    expression: rangeOf({ file }, call),
    verdict: `${name} sees real and generated samples in one batch.`,
    evidence:
      "Its BN layers normalize both parts with the mean and variance of the mixture. The output for a sample depends " +
      "on the share of generated samples, and the moving averages mix 2 distributions.",
    next: `Call ${name} twice: once with the real batch, once with the generated batch.`,
  });
