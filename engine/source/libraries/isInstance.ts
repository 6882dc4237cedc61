import { assume } from "../interpreter/openValues";
import type { LibraryFunction, Machine } from "../interpreter/machine";
import { unknownBase } from "../interpreter/classes";
import { bool, unknownPlain } from "../interpreter/newValues";
import type { ClassValue, LibraryValue, Value } from "../interpreter/values";
import { derivesFrom, isFamily } from "./classTests";

/** `isinstance`, where both the value and the classes are known. */
export const isInstance: LibraryFunction = ({ machine, args, range }) => {
  const [value, classes] = args.positional;
  const undecided = unknownPlain("NormLens can't tell whether the value is an instance of this class", range);
  if (value === undefined || classes === undefined) return undecided;
  if (value.kind === "unknown") return { ...value, isPlain: true };
  // A number or a string sooner than a sequence; the branch on it is followed both ways.
  if (value.kind === "open") return assume(bool(!isSequence(classes)));
  const candidates = classes.kind === "tuple" ? classes.elements : [classes];
  const results = candidates.map((cls) => isInstanceOf(machine, value, cls));
  if (results.includes(true)) return bool(true);
  return results.includes(null) ? undecided : bool(false);
};

const isSequence = (classes: Value): boolean =>
  classes.kind === "tuple"
    ? classes.elements.every(isSequence)
    : classes.kind === "library" && /(list|tuple|dict|Sequence|Iterable|Mapping)$/i.test(classes.path);

/** `issubclass`, of classes of the file and of torch.nn. */
export const isSubclass: LibraryFunction = ({ machine, args, range }) => {
  const [value, classes] = args.positional;
  const undecided = unknownPlain("NormLens can't tell whether the class derives from this one", range);
  if (value?.kind === "unknown") return { ...value, isPlain: true };
  if (classes === undefined || (value?.kind !== "class" && value?.kind !== "library")) return undecided;
  const isKnown = value.kind === "class" || /^(torch\.nn|builtins)\./.test(value.path);
  const candidates = classes.kind === "tuple" ? classes.elements : [classes];
  const results = candidates.map((cls) => (isKnown ? classIs(machine, value, cls) : null));
  if (results.includes(true)) return bool(true);
  return results.includes(null) ? undecided : bool(false);
};

/** The builtin types of each kind of value; `True` is an int. */
const TYPES: Partial<Record<Value["kind"], readonly string[]>> = {
  int: ["int"],
  float: ["float"],
  bool: ["bool", "int"],
  string: ["str"],
  list: ["list"],
  tuple: ["tuple"],
  dict: ["dict"],
  set: ["set"],
  none: [],
  function: [],
  range: ["range"],
};

/** Abstract base classes, by the types that count as them. */
const ABSTRACT: Readonly<Record<string, readonly string[]>> = {
  "collections.abc.Iterable": ["list", "tuple", "dict", "set", "str", "range"],
  "collections.abc.Sequence": ["list", "tuple", "str", "range"],
  "collections.Iterable": ["list", "tuple", "dict", "set", "str", "range"],
  "collections.Sequence": ["list", "tuple", "str", "range"],
  "collections.abc.Mapping": ["dict"],
  "numbers.Number": ["int", "float", "bool"],
  "collections.OrderedDict": ["dict"],
};

/** The types of functions that are written in Python. */
const FUNCTION_TYPES = new Set(["types.FunctionType", "types.LambdaType"]);

function isInstanceOf(machine: Machine, value: Value, cls: Value): boolean | null {
  if (cls.kind === "library" && FUNCTION_TYPES.has(cls.path)) return value.kind === "function";
  if (value.kind === "instance") return instanceIs(machine, value, cls);
  if (cls.kind === "class") return value.kind === "tensor" ? null : false;
  if (cls.kind !== "library") return null;
  if (value.kind === "tensor") return cls.path === "torch.Tensor" || (cls.path.startsWith("builtins.") ? false : null);
  const types = TYPES[value.kind];
  if (types === undefined) return null;
  const name = cls.path.replace(/^builtins\./, "");
  if (cls.path in ABSTRACT) return types.some((type) => ABSTRACT[cls.path]?.includes(type));
  if (cls.path.startsWith("builtins.")) return types.includes(name) || name === "object";
  return cls.path.startsWith("torch.") ? false : null;
}

function instanceIs(machine: Machine, value: Extract<Value, { kind: "instance" }>, cls: Value): boolean | null {
  return classIs(machine, value.cls, cls);
}

/** Whether a class is another one or derives from it; null when that is not known. */
function classIs(machine: Machine, value: ClassValue | LibraryValue, cls: Value): boolean | null {
  const mro = value.kind === "class" ? value.mro : [value];
  if (cls.kind === "class") {
    if (mro.includes(cls)) return true;
  } else if (cls.kind === "library") {
    const matches = mro.some((entry) => entry.kind === "library" && matchesLibrary(machine, entry.path, cls.path));
    if (matches) return true;
    if (
      machine.library.moduleClass(cls.path) === null &&
      !isFamily(cls.path) &&
      !cls.path.startsWith("builtins.") &&
      !cls.path.startsWith("torch.nn.")
    )
      return null;
  } else return null;
  return value.kind === "class" && unknownBase(machine, value) !== null ? null : false;
}

function matchesLibrary(machine: Machine, path: string, wanted: string): boolean {
  if (path === wanted) return true;
  if (wanted === "torch.nn.Module") return machine.library.moduleClass(path) !== null;
  return derivesFrom(path, wanted);
}
