/** Networks whose parameters and buffers are converted to another floating point type. */
import type { Tracing } from "./tracing";
import { withDescendants } from "./norms";
import type { Args, LowPrecision, ObjectValue, Site, TracedValue } from "./tracedValues";

type Precision = LowPrecision["type"] | "wide";

const TYPES: Readonly<Record<string, Precision>> = {
  "torch.bfloat16": "bfloat16",
  "torch.half": "float16",
  "torch.float16": "float16",
  "torch.float": "wide",
  "torch.float32": "wide",
  "torch.double": "wide",
  "torch.float64": "wide",
};
const METHODS: Readonly<Record<string, Precision>> = {
  bfloat16: "bfloat16",
  half: "float16",
  float: "wide",
  double: "wide",
};

/** What a call of `half()`, `float()`, `to(…)` and their like converts to; null where that is not known. */
export function precisionSaid(name: string, { positional, keyword }: Args): Precision | null {
  const byName = METHODS[name];
  if (byName !== undefined) return byName;
  const dtype = keyword.get("dtype");
  const said = [...positional, ...(dtype === undefined ? [] : [dtype])].map(typeNamed);
  return said.find((type) => type !== null) ?? null;
}

const typeNamed = (value: TracedValue): Precision | null =>
  value.kind === "external" ? (TYPES[value.path] ?? null) : null;

export function setPrecision(tracing: Tracing, module: ObjectValue, to: Precision | null, site: Site): void {
  if (to === null) return;
  const lowPrecision = to === "wide" ? null : { type: to, site };
  for (const part of withDescendants(module)) tracing.store.setTrait(part, "lowPrecision", lowPrecision);
}
