import type { SourceRange } from "../../protocol/modelGraph";
import type { CallArguments, Machine } from "../interpreter/machine";
import { isModule } from "../interpreter/aboutValues";
import { none, tuple, unknown } from "../interpreter/newValues";
import type { InstanceValue, ModuleState, TupleValue, Value } from "../interpreter/values";
import { overwriteIf } from "./inPlace";
import { recordCall } from "./record";

/** The attribute with the function that a library's module calls, where it is no layer of its own. */
export const FUNCTION = "\0call";

type Module = InstanceValue & { readonly module: ModuleState };

/** Calls a layer or a container of torch.nn in the forward pass. */
export function callModule(machine: Machine, module: Module, args: CallArguments, range: SourceRange): Value {
  const [taint] = module.module.unknowns;
  if (taint !== undefined) machine.report(taint);
  const function_ = module.attributes.get(FUNCTION);
  if (function_ !== undefined) return machine.call(function_, args, range);
  switch (module.module.container) {
    case "sequential":
      return callSequential(machine, module, args, range);
    case "wrapper":
      return machine.call(
        module.module.children.get("module") ?? unknown("no module is given to wrap", range),
        args,
        range,
      );
    case "tensorList":
    case "tensorDict":
    case "list":
    case "dict":
      return unknown("a ModuleList or ModuleDict has no forward() (PyTorch raises NotImplementedError)", range);
    case null:
      return module.module.layer === null ? noForward(machine, module, range) : callLayer(machine, module, args, range);
  }
}

function noForward(machine: Machine, module: Module, range: SourceRange): Value {
  const name = module.cls.kind === "class" ? module.cls.name : module.cls.path;
  const reason = unknown(`${name} has no forward()`, range);
  machine.report(reason);
  return reason;
}

function callSequential(machine: Machine, module: Module, args: CallArguments, range: SourceRange): Value {
  const children = [...module.module.children.values()];
  if (args.taint !== null) return args.taint;
  if (args.positional.length !== 1 || args.keywords.size > 0)
    return unknown("this Sequential is called with several inputs", range);
  let value: Value = args.positional[0] ?? tuple([]);
  for (const child of children) {
    value = machine.call(child, { positional: [value], keywords: new Map(), taint: null }, range);
  }
  return value;
}

/** `output, (hidden, cell)`. */
function restInTuple({ elements: [first = none, ...rest] }: TupleValue): Value {
  return tuple([first, tuple(rest)]);
}

function callLayer(machine: Machine, module: Module, args: CallArguments, range: SourceRange): Value {
  const { layer } = module.module;
  if (layer === null || !isModule(module)) return unknown("something that is not a layer is called as one", range);
  if (args.taint !== null) {
    machine.report(args.taint);
    return args.taint;
  }
  const inputs = [...args.positional, ...args.keywords.values()];
  const result = recordCall(
    machine,
    {
      callee: { kind: "module", instance: module },
      className: layer.className,
      op: layer.op,
      outputs: layer.outputs,
      range,
    },
    inputs,
  );
  const returned = layer.restIsTuple === true && result.kind === "tuple" ? restInTuple(result) : result;
  return overwriteIf(machine, module.attributes.get("inplace"), inputs[0], returned, range);
}
