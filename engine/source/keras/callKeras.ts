/** What a call of a Keras layer or model does, in any place: it adds to the graph of the tensors it is given. */
import type { SourceRange } from "../../protocol/modelGraph";
import type { CallArguments, Machine } from "../interpreter/machine";
import { memberOf } from "../interpreter/members";
import { pairsOf } from "../interpreter/truth";
import { isModule, isUnknown } from "../interpreter/aboutValues";
import { list, none, tuple, unknown, unknownPlain } from "../interpreter/newValues";
import type { BoundMethodValue, InstanceValue, ModuleState, UnknownValue, Value } from "../interpreter/values";
import { inheritedTraining, kerasState } from "./kerasState";
import { functionalEnds, WRAPPED } from "./models";
import type { KerasLayerSpec } from "./kerasLayerSpec";
import { isSymbolic, recordHere, recordOperation, type SymbolicTensor } from "./recordCall";
import { constantInput, inputsOf, unknownInput, withTraining } from "./callInputs";
import { flattened } from "./flattened";
import { replay } from "./replay";
import { unfollowedTensor } from "./unfollowed";

type Module = InstanceValue & { readonly module: ModuleState };

/** Whether an instance is of a class of Keras's, or derives from one. */
export function isKeras(value: Value): value is Module {
  if (!isModule(value)) return false;
  const mro = value.cls.kind === "class" ? value.cls.mro : [value.cls];
  return mro.some((entry) => entry.kind === "library" && entry.path.startsWith("keras."));
}

/** null for what is no Keras module. */
export function callAnytime(machine: Machine, module: Module, args: CallArguments, range: SourceRange): Value | null {
  return isKeras(module) ? callKeras(machine, module, args, range) : null;
}

/** @param own The `call` of a class of the user's; null where Keras's own is meant. */
export function callKeras(
  machine: Machine,
  module: Module,
  called: CallArguments,
  range: SourceRange,
  own = ownCall(machine, module),
): Value {
  const args = own === null ? withTraining(machine, module, called) : called;
  if (args.taint !== null) return reported(machine, args.taint);
  const inputs = inputsOf(machine, module, args, range);
  const tensors = inputs.filter(isSymbolic);
  const strange = unknownInput(inputs);
  if (tensors.length === 0)
    // On numbers a model computes numbers, which the reader has no use for.
    return strange === undefined ? unknownPlain("the output of a model is unknown", range) : reported(machine, strange);
  if (own?.kind === "boundMethod") return callOwn(machine, module, own, args, tensors, range);
  if (own?.kind === "unknown") return reported(machine, own);
  const isLayer = (kerasState(machine).layers.get(module)?.spec ?? null) !== null;
  const reason = strange ?? (isLayer ? constantInput(inputs, module, range) : undefined);
  if (reason !== undefined)
    return isLayer
      ? (recordHere(machine, module, tensors, range, args.keywords.get("training"), reason)[0] ?? reason)
      : unfollowedTensor(machine, "call", tensors, reason, range);
  return callBuiltIn(machine, module, args, tensors, range);
}

function reported(machine: Machine, reason: UnknownValue): UnknownValue {
  machine.report(reason);
  return reason;
}

/** The `call` of a class of the user's; null where Keras's own is meant. */
function ownCall(machine: Machine, module: Module): Value | null {
  if (module.cls.kind !== "class") return null;
  return memberOf(
    machine,
    module.cls.mro.filter((entry) => entry.kind !== "library"),
    module,
    "call",
  );
}

function callOwn(
  machine: Machine,
  module: Module,
  call: BoundMethodValue,
  args: CallArguments,
  tensors: readonly SymbolicTensor[],
  range: SourceRange,
): Value {
  const state = kerasState(machine);
  const takesTraining = call.function.parameters.some(({ name }) => name === "training");
  const training = args.keywords.get("training") ?? inheritedTraining(machine);
  const isGiven = args.keywords.has("training") || args.positional.length > 1;
  const passed =
    takesTraining && !isGiven ? { ...args, keywords: new Map([...args.keywords, ["training", training]]) } : args;
  state.within.push({ instance: module });
  state.training.push(training);
  const result = machine.collecting(module.module.unknowns, () => {
    build(machine, module, tensors, range);
    const given = machine.call(call, takesTraining ? passed : withoutTraining(passed), range);
    const returned = given.kind === "unknown" ? unfollowedTensor(machine, "call", tensors, given, range) : given;
    // A layer that passes its input on is part of the graph all the same, with what it contains.
    return isSymbolic(returned) && tensors.includes(returned)
      ? recordOperation(machine, "Identity", "identity", [returned], passThrough, range)
      : returned;
  });
  state.within.pop();
  state.training.pop();
  return result;
}

const passThrough: KerasLayerSpec["build"] = ({ input }) => ({ sizes: input, parameters: 0, op: { kind: "identity" } });

/** Keras itself takes `training` from a call whose method has no such parameter. */
function withoutTraining(args: CallArguments): CallArguments {
  return { ...args, keywords: new Map([...args.keywords].filter(([name]) => name !== "training")) };
}

/** `build(input_shape)` of the user's class, before its first call. */
function build(machine: Machine, module: Module, tensors: readonly SymbolicTensor[], range: SourceRange): void {
  if (module.attributes.has("\0built") || module.cls.kind !== "class") return;
  const own = memberOf(
    machine,
    module.cls.mro.filter((entry) => entry.kind !== "library"),
    module,
    "build",
  );
  machine.journal.setVariable(module.attributes, "\0built", none);
  if (own?.kind !== "boundMethod") return;
  const shapes = tensors.map((tensor) => batchedShape(tensor, range));
  const [only = none] = shapes;
  machine.call(
    own,
    { positional: [shapes.length === 1 ? only : tuple(shapes)], keywords: new Map(), taint: null },
    range,
  );
}

/** `(None, 28, 28, 1)`. */
export function batchedShape(tensor: SymbolicTensor, range: SourceRange): Value {
  const { sizes } = tensor.keras;
  if (sizes === null) return unknownPlain("the shape of this tensor is unknown", range);
  return tuple([none, ...sizes.map((size): Value => (size === null ? none : { kind: "int", value: size }))]);
}

function callBuiltIn(
  machine: Machine,
  module: Module,
  args: CallArguments,
  tensors: readonly SymbolicTensor[],
  range: SourceRange,
): Value {
  if (module.module.container === "sequential")
    return inside(machine, module, args, () => callSequential(machine, module, tensors, range));
  const ends = functionalEnds(module);
  if (ends !== null) return inside(machine, module, args, () => replay(machine, ends, tensors, range));
  const function_ = module.attributes.get("\0function");
  if (function_ !== undefined)
    return inside(machine, module, args, () => callLambda(machine, module, function_, args, range));
  const wrapped = module.attributes.get(WRAPPED);
  if (wrapped !== undefined) return callForSteps(machine, wrapped, args, tensors, range);
  const layer = kerasState(machine).layers.get(module);
  if (layer?.spec === null || layer === undefined) {
    return reported(
      machine,
      module.module.unknowns[0] ??
        unknown(`NormLens finds no call() of ${layer?.className ?? "this layer"} to follow`, range),
    );
  }
  const results = recordHere(machine, module, tensors, range, args.keywords.get("training"));
  const [output = none, ...states] = results;
  if (!module.attributes.has("output")) {
    machine.journal.setVariable(module.attributes, "output", output);
    machine.journal.setVariable(
      module.attributes,
      "input",
      tensors.length === 1 ? (tensors[0] ?? none) : tuple(tensors),
    );
  }
  return states.length === 0 ? output : tuple([output, ...states]);
}

/** The function of a Lambda, on what the layer is called with. What gives no tensor of the graph is not followed. */
function callLambda(
  machine: Machine,
  module: Module,
  function_: Value,
  args: CallArguments,
  range: SourceRange,
): Value {
  const given = module.attributes.get("\0arguments");
  const pairs = given === undefined ? [] : pairsOf(given, range);
  if (isUnknown(pairs)) return reported(machine, pairs);
  const keywords = new Map(
    pairs.flatMap(([key, value]) => (key.kind === "string" ? [[key.value, value] as const] : [])),
  );
  const result = machine.call(function_, { positional: args.positional.slice(0, 1), keywords, taint: null }, range);
  if (flattened([result]).every(isSymbolic)) return result;
  const reason =
    result.kind === "unknown" && !result.isPlain
      ? result
      : unknown("NormLens does not follow what this Lambda returns", module.range);
  return unfollowedTensor(machine, "lambda", flattened(args.positional).filter(isSymbolic), reason, range);
}

/** TimeDistributed: one time step of each input goes through the layer, and the results are those of all steps. */
function callForSteps(
  machine: Machine,
  layer: Value,
  args: CallArguments,
  tensors: readonly SymbolicTensor[],
  range: SourceRange,
): Value {
  const [first] = tensors;
  const steps = first?.keras.sizes?.[0] ?? null;
  const oneStep = (tensor: SymbolicTensor): SymbolicTensor =>
    recordOperation(
      machine,
      "TimeStep",
      "time step",
      [tensor],
      ({ input }) => ({ sizes: input?.slice(1) ?? null, parameters: 0 }),
      range,
    );
  const allSteps = (tensor: SymbolicTensor): SymbolicTensor =>
    recordOperation(
      machine,
      "TimeSteps",
      "time steps",
      [tensor],
      ({ input }) => ({ sizes: input === null ? null : [steps, ...input], parameters: 0 }),
      range,
    );
  const inputs = tensors.map(oneStep);
  const given = inputs.length === 1 ? inputs : [list(inputs)];
  const result = machine.call(layer, { ...args, positional: given }, range);
  if (result.kind === "unknown") return reported(machine, result);
  return isSymbolic(result)
    ? allSteps(result)
    : reported(machine, unknown("NormLens does not follow what this TimeDistributed wraps", range));
}

function inside(machine: Machine, module: Module, args: CallArguments, run: () => Value): Value {
  const state = kerasState(machine);
  const training = args.keywords.get("training") ?? inheritedTraining(machine);
  state.within.push({ instance: module });
  state.training.push(training);
  const result = run();
  state.within.pop();
  state.training.pop();
  return result;
}

/** The layers of a Sequential, without what only says what its input is. */
export function sequentialLayers(module: Module): Value[] {
  return [...module.module.children.values()].filter(
    (child) => !isSymbolic(child) && !(child.kind === "instance" && child.attributes.has("\0input")),
  );
}

export function callSequential(
  machine: Machine,
  module: Module,
  tensors: readonly SymbolicTensor[],
  range: SourceRange,
): Value {
  let value: Value = tensors.length === 1 ? (tensors[0] ?? none) : tuple(tensors);
  const [taint] = module.module.unknowns;
  if (taint !== undefined) return reported(machine, taint);
  for (const child of sequentialLayers(module)) {
    value =
      child.kind === "unknown"
        ? unfollowedTensor(
            machine,
            "layer",
            flattened([value]).filter(isSymbolic),
            reported(machine, child),
            child.range,
          )
        : machine.call(
            child,
            { positional: [value], keywords: new Map(), taint: null },
            child.kind === "instance" ? child.range : range,
          );
    if (value.kind === "unknown") return value;
  }
  return value;
}
