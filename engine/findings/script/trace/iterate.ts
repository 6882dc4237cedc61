/** What a loop's variable stands for. */
import type { Machine } from "./machine";
import { constant, type Loop, type ObjectValue, type PartValue, type Value } from "./values";

export interface Elements {
  /** All of them when `isWhole`, else one that stands for all. */
  readonly elements: readonly Value[];
  readonly isWhole: boolean;
}

const some = (value: Value): Elements => ({ elements: [value], isWhole: false });

export function elementsOf(machine: Machine, iterable: Value, loop: Loop): Elements {
  switch (iterable.kind) {
    case "part":
      return some(iterable.what === "name" ? iterable : { ...iterable, isGroup: false });
    case "object":
      return elementsOfObject(machine, iterable, loop);
    case "union": {
      const lists = iterable.options.map((option) => elementsOf(machine, option, loop));
      const [first] = lists;
      return first === undefined ? some(machine.fresh()) : some(first.elements[0] ?? machine.fresh());
    }
    case "tensor":
      return some(machine.tensor([iterable], loop.words));
    default:
      return some(machine.tensor([], loop.words));
  }
}

function elementsOfObject(machine: Machine, object: ObjectValue, loop: Loop): Elements {
  switch (object.type) {
    case "list":
    case "tuple":
    case "torch.nn.ModuleList":
    case "torch.nn.Sequential":
      return whole(machine, visible(object));
    case "dict":
      return whole(machine, [...object.fields.keys()].map(constant));
    case "named": {
      const [part] = object.args.positional;
      return some(part?.kind === "part" ? namedParts(machine, part, object.site) : machine.fresh());
    }
    case "range":
      return some(machine.fresh([], [object]));
    case "enumerate": {
      const inner = elementsOf(machine, object.args.positional[0] ?? machine.fresh(), loop);
      return {
        isWhole: inner.isWhole,
        elements: inner.elements.map((element) => pair(machine, machine.fresh(), element, object)),
      };
    }
    case "zip":
      return zipped(machine, object, loop);
    default:
      return some(machine.tensor([], loop.words));
  }
}

const visible = ({ fields }: ObjectValue): Value[] =>
  [...fields].filter(([name]) => !name.startsWith("#")).map(([, value]) => value);

const whole = (machine: Machine, elements: readonly Value[]): Elements =>
  elements.length === 0 ? some(machine.fresh()) : { elements, isWhole: elements.every(({ kind }) => kind !== "part") };

function pair(machine: Machine, first: Value, second: Value, { site }: ObjectValue): Value {
  return machine.list(
    "tuple",
    [
      ["0", first],
      ["1", second],
    ],
    site,
  );
}

/** Lists of the same known length go side by side. */
function zipped(machine: Machine, object: ObjectValue, loop: Loop): Elements {
  const columns = object.args.positional.map((value) => elementsOf(machine, value, loop));
  const isWhole = columns.length > 0 && columns.every((column) => column.isWhole);
  const length = isWhole ? Math.min(...columns.map(({ elements }) => elements.length)) : 1;
  const rows = Array.from({ length }, (_, row) =>
    machine.list(
      "tuple",
      columns.map(({ elements }, index) => [String(index), elements[row] ?? machine.fresh()] as const),
      object.site,
    ),
  );
  return { elements: rows, isWhole };
}

/** `named_parameters()` gives pairs. */
function namedParts(machine: Machine, part: PartValue, site: ObjectValue["site"]): Value {
  return machine.list(
    "tuple",
    [
      ["0", { ...part, what: "name", isGroup: false }],
      ["1", { ...part, isGroup: false }],
    ],
    site,
  );
}
