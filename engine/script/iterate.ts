/** What a loop's variable stands for. */
import type { Tracing } from "./tracing";
import { constant, type Loop, type ObjectValue, type PartValue, type TracedValue } from "./tracedValues";

export interface Elements {
  /** All of them when `isWhole`, else one that stands for all. */
  readonly elements: readonly TracedValue[];
  readonly isWhole: boolean;
}

const some = (value: TracedValue): Elements => ({ elements: [value], isWhole: false });

export function elementsOf(tracing: Tracing, iterable: TracedValue, loop: Loop): Elements {
  switch (iterable.kind) {
    case "part":
      return some(iterable.what === "name" ? iterable : { ...iterable, isGroup: false });
    case "object":
      return elementsOfObject(tracing, iterable, loop);
    case "union": {
      const lists = iterable.options.map((option) => elementsOf(tracing, option, loop));
      const [first] = lists;
      return first === undefined ? some(tracing.fresh()) : some(first.elements[0] ?? tracing.fresh());
    }
    case "tensor":
      return some(tracing.tensor([iterable], loop.words));
    default:
      return some(tracing.tensor([], loop.words));
  }
}

function elementsOfObject(tracing: Tracing, object: ObjectValue, loop: Loop): Elements {
  switch (object.type) {
    case "list":
    case "tuple":
    case "torch.nn.ModuleList":
    case "torch.nn.Sequential":
      return whole(tracing, [...object.fields.values()]);
    case "dict":
      return whole(tracing, [...object.fields.keys()].map(constant));
    case "named": {
      const [part] = object.args.positional;
      return some(part?.kind === "part" ? namedParts(tracing, part, object.site) : tracing.fresh());
    }
    case "range":
      return some(tracing.fresh([], [object]));
    case "enumerate": {
      const inner = elementsOf(tracing, object.args.positional[0] ?? tracing.fresh(), loop);
      return {
        isWhole: inner.isWhole,
        elements: inner.elements.map((element) => pair(tracing, tracing.fresh(), element, object)),
      };
    }
    case "zip":
      return zipped(tracing, object, loop);
    default:
      return some(tracing.tensor([], loop.words));
  }
}

const whole = (tracing: Tracing, elements: readonly TracedValue[]): Elements =>
  elements.length === 0 ? some(tracing.fresh()) : { elements, isWhole: elements.every(({ kind }) => kind !== "part") };

function pair(tracing: Tracing, first: TracedValue, second: TracedValue, { site }: ObjectValue): TracedValue {
  return tracing.list(
    "tuple",
    [
      ["0", first],
      ["1", second],
    ],
    site,
  );
}

/** Lists of the same known length go side by side. */
function zipped(tracing: Tracing, object: ObjectValue, loop: Loop): Elements {
  const columns = object.args.positional.map((value) => elementsOf(tracing, value, loop));
  const isWhole = columns.length > 0 && columns.every((column) => column.isWhole);
  const length = isWhole ? Math.min(...columns.map(({ elements }) => elements.length)) : 1;
  const rows = Array.from({ length }, (_, row) =>
    tracing.list(
      "tuple",
      columns.map(({ elements }, index) => [String(index), elements[row] ?? tracing.fresh()] as const),
      object.site,
    ),
  );
  return { elements: rows, isWhole };
}

/** `named_parameters()` gives pairs. */
function namedParts(tracing: Tracing, part: PartValue, site: ObjectValue["site"]): TracedValue {
  return tracing.list(
    "tuple",
    [
      ["0", { ...part, what: "name", isGroup: false }],
      ["1", { ...part, isGroup: false }],
    ],
    site,
  );
}
