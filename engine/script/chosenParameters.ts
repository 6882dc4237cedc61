/** Parameters that a condition picks: `filter(lambda p: id(p) not in of_the_head, net.parameters())`. */
import type { Expression } from "../python/expressions";
import { attributesIn, dottedName } from "../python/walk";
import { nameTest } from "./nameTests";
import type { Tracing } from "./tracing";
import {
  ABSENT,
  optionsOf,
  type NameTest,
  type ObjectValue,
  type PartValue,
  type TracedScope,
  type TracedValue,
} from "./tracedValues";

/** null where a condition decides that the text does not show; those that get a gradient count as all. */
export function chosenFrom(
  tracing: Tracing,
  part: PartValue,
  conditions: readonly Expression[],
  scope: TracedScope,
): PartValue | null {
  const without: ObjectValue[] = [];
  const named: NameTest[] = [];
  for (const condition of conditions) {
    if (attributesIn(condition).some(({ name }) => name === "requires_grad")) continue;
    const left = leftOut(tracing, condition, scope);
    const test = left === null && part.what === "parameters" ? nameTest(tracing, condition, scope) : null;
    if (test !== null) named.push(test);
    else if (left === null) return null;
    else without.push(...left);
  }
  return {
    ...part,
    ...(without.length === 0 ? {} : { without: [...(part.without ?? []), ...without] }),
    ...(named.length === 0 ? {} : { named: [...(part.named ?? []), ...named] }),
  };
}

export function filtered(tracing: Tracing, fn: TracedValue | undefined, part: PartValue): TracedValue {
  const chosen =
    fn?.kind === "function" && fn.node.kind === "lambda" ? chosenFrom(tracing, part, [fn.node.body], fn.scope) : null;
  return chosen ?? tracing.fresh([], [part]);
}

/** `id(p) not in ids`: the networks whose parameters are left out; null for any other condition. */
function leftOut(tracing: Tracing, condition: Expression, scope: TracedScope): ObjectValue[] | null {
  if (condition.kind !== "compare" || condition.comparisons.length !== 1) return null;
  const [{ operator, right }] = condition.comparisons as [(typeof condition.comparisons)[number]];
  const isById = condition.left.kind === "call" && dottedName(condition.left.callee) === "id";
  return isById && operator === "not in" ? ownersOf(tracing.evaluate(right, scope)) : null;
}

function ownersOf(value: TracedValue, depth = 4): ObjectValue[] | null {
  const owners: ObjectValue[] = [];
  for (const option of optionsOf(value)) {
    if (option === ABSENT || (option.kind === "part" && option.isNorm === false)) continue;
    if (option.kind === "part" && option.isGroup && option.isNorm === null) owners.push(option.of);
    else if (option.kind !== "object") return null;
    else {
      const inner = [...option.fields.values()].map((field) => (depth === 0 ? null : ownersOf(field, depth - 1)));
      if (inner.includes(null)) return null;
      owners.push(...inner.flatMap((one) => one ?? []));
    }
  }
  return owners;
}
