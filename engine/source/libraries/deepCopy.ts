import type { LibraryFunction } from "../interpreter/machine";
import { none } from "../interpreter/newValues";
import type { ModuleState, Value } from "../interpreter/values";

/** copy.deepcopy: a layer that occurs twice in the original occurs twice in the copy. */
export const deepCopy: LibraryFunction = ({ args }) => args.taint ?? copyOf(args.positional[0] ?? none, new Map());

function copyOf(value: Value, seen: Map<Value, Value>): Value {
  const known = seen.get(value);
  if (known !== undefined) return known;
  switch (value.kind) {
    case "list": {
      const copy: Value = { kind: "list", elements: [], taint: value.taint };
      seen.set(value, copy);
      copy.elements = value.elements.map((element) => copyOf(element, seen));
      return copy;
    }
    case "dict": {
      const entries = [...value.entries].map(
        ([key, entry]) => [key, { key: entry.key, value: copyOf(entry.value, seen) }] as const,
      );
      return { kind: "dict", entries: new Map(entries), taint: value.taint };
    }
    case "tensor": {
      const copy: Value = { ...value };
      seen.set(value, copy);
      return copy;
    }
    case "tuple":
      return { kind: "tuple", elements: value.elements.map((element) => copyOf(element, seen)) };
    case "instance": {
      const module = value.module === null ? null : copyModule(value.module);
      const copy: Value = { ...value, attributes: new Map(), module };
      seen.set(value, copy);
      for (const [name, attribute] of value.attributes) copy.attributes.set(name, copyOf(attribute, seen));
      for (const [name, child] of value.module?.children ?? []) module?.children.set(name, copyOf(child, seen));
      return copy;
    }
    default:
      return value;
  }
}

/** copy.copy: a new container or module with the same elements and layers. */
export const shallowCopy: LibraryFunction = ({ args }) => {
  const value = args.taint ?? args.positional[0] ?? none;
  switch (value.kind) {
    case "list":
      return { kind: "list", elements: [...value.elements], taint: value.taint };
    case "dict":
      return { kind: "dict", entries: new Map(value.entries), taint: value.taint };
    case "instance":
      return {
        ...value,
        attributes: new Map(value.attributes),
        module:
          value.module === null ? null : { ...copyModule(value.module), children: new Map(value.module.children) },
      };
    default:
      return value;
  }
};

function copyModule(state: ModuleState): ModuleState {
  return {
    children: new Map(),
    parameters: new Map(state.parameters),
    layer: state.layer,
    container: state.container,
    unknowns: [...state.unknowns],
  };
}
