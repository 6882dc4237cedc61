/**
 * `set_floatx("float16")` and a policy of pure 16 bits: a BN layer's moving averages are kept in them too, and lose
 * small updates. `mixed_float16` keeps variables in 32 bits.
 */
import type { CallExpression } from "../../python/expressions";
import type { SourceFile } from "../../python/parse";
import { callsIn } from "../../python/walk";
import { rangeOf, type FindingContext } from "../context";
import { findingOf } from "../draft";
import { fullPath, namesOf } from "../python/constants";
import { importsKerasItself } from "../python/kerasVersion";
import type { SourceFinding } from "../sourceFinding";

const BITS: Readonly<Record<string, number>> = { bfloat16: 8, float16: 11 };
const SETS = /(^|\.)keras\.(\w+\.)*(set_floatx|set_dtype_policy|set_global_policy|set_policy)$/;
const NORM = /(^|\.)keras\.(\w+\.)*BatchNormalization$/;

export function kerasLowPrecision({ file }: FindingContext): SourceFinding[] {
  if (!/["'](b?float16)["']/.test(file.text) || !file.text.includes("BatchNormalization(")) return [];
  const calls = callsIn(file.module.body);
  const found = calls.flatMap((call) => {
    const type = lowType(file, call);
    return type === null ? [] : [{ call, type }];
  });
  // Only what is said of every layer, or of one: a second word about all may take the first back.
  const settings = calls.filter((call) => SETS.test(pathOf(file, call)));
  return found
    .filter(({ call }) => !settings.includes(call) || settings.length === 1)
    .map(({ call, type }) => describe(file, call, type));
}

const pathOf = (file: SourceFile, { callee }: CallExpression): string => fullPath(callee, namesOf(file).imports) ?? "";

/** The 16 bits that a call asks for its layer's variables. */
function lowType(file: SourceFile, call: CallExpression): string | null {
  const path = pathOf(file, call);
  const given = SETS.test(path)
    ? call.arguments[0]?.value
    : NORM.test(path)
      ? call.arguments.find((argument) => argument.kind === "keyword" && argument.name === "dtype")?.value
      : undefined;
  return given?.kind === "string" && given.value in BITS ? given.value : null;
}

function describe(file: SourceFile, call: CallExpression, type: string): SourceFinding {
  const words = importsKerasItself(file) ? "The" : "In Keras 3, the";
  return findingOf({
    rule: "low-precision-statistics",
    // Keras 2 in TensorFlow keeps what BN learns in float32 (`_param_dtype`).
    ...(importsKerasItself(file) ? {} : { severity: "information" as const }),
    layers: [],
    expression: rangeOf({ file }, call),
    verdict: `${words} moving averages of BN layers become ${type} here.`,
    evidence:
      `${type} has ${BITS[type]} significant bits. With the default momentum an update is 1 % of what a batch ` +
      "differs, and what is smaller than half of the last bit is lost: the averages stop short of the batches.",
    next: `Use the policy "mixed_${type}", which keeps variables in float32, or dtype="float32" for the BN layers.`,
  });
}
