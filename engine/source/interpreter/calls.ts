import { callOpen } from "./openValues";
import { callOnPath } from "./paths";
import type { SourceRange } from "../../protocol/modelGraph";
import { instantiate, newModuleState } from "./classes";
import { becomeDict, dictOf, isAttributeDict, isDictPath } from "./dictObject";
import { callFunction } from "./functions";
import type { CallArguments, LibraryFunction, Machine } from "./machine";
import { memberOf } from "./members";
import { taintContents } from "./taint";
import { builtinMethod } from "./methods/builtinMethod";
import { describeKind, kindWithArticle } from "./truth";
import { isModule } from "./aboutValues";
import { none, unknown, unknownPlain } from "./newValues";
import type { InstanceValue, LibraryValue, MethodValue, UnknownValue, Value } from "./values";

/** Calls any value. What cannot be followed gives an unknown, and makes unknown what it could have changed. */
export function callValue(machine: Machine, callee: Value, args: CallArguments, range: SourceRange): Value {
  switch (callee.kind) {
    case "function":
      return callFunction(machine, callee, null, args, range);
    case "boundMethod":
      return callFunction(machine, callee.function, callee.self, args, range);
    case "class":
      return instantiate(machine, callee, args, range);
    case "instance":
      return callInstance(machine, callee, args, range);
    case "library":
      return callLibrary(machine, callee, args, range);
    case "method":
      return callMethod(machine, callee, args, range);
    case "partial":
      return machine.call(
        callee.callee,
        {
          positional: [...callee.positional, ...args.positional],
          keywords: new Map([...callee.keywords, ...args.keywords]),
          taint: args.taint,
        },
        range,
      );
    case "unknown":
      return unfollowed(machine, callee, args, range);
    case "open": {
      const layer = machine.library.namedLayer(callee.name);
      if (layer !== null) return machine.call(layer, args, range);
      const result = callOpen(callee, args.positional, range);
      return result.kind === "unknown" ? unfollowed(machine, result, args, range) : result;
    }
    default:
      return unfollowed(
        machine,
        unknown(`NormLens does not follow a call of ${kindWithArticle(callee)}`, range),
        args,
        range,
      );
  }
}

/** A call that cannot be followed may change every list, dict and module it is given. */
function unfollowed(
  machine: Machine,
  reason: UnknownValue,
  args: CallArguments,
  range: SourceRange,
  name = "call",
): Value {
  const result = machine.library.unfollowedCall(machine, name, args, reason, range);
  for (const value of [...args.positional, ...args.keywords.values()]) taintContents(machine, value, reason);
  return result ?? reason;
}

function callInstance(machine: Machine, callee: InstanceValue, args: CallArguments, range: SourceRange): Value {
  const mro = callee.cls.kind === "class" ? callee.cls.mro : [callee.cls];
  const call = memberOf(machine, mro, callee, "__call__");
  if (call?.kind === "boundMethod") return machine.call(call, args, range);
  if (!isModule(callee))
    return unfollowed(
      machine,
      call?.kind === "unknown" ? call : unknown(`NormLens does not follow a call of ${kindWithArticle(callee)}`, range),
      args,
      range,
    );
  const anytime = machine.library.callAnytime(machine, callee, args, range);
  if (anytime !== null) return anytime;
  // Outside a forward pass a call of a model computes numbers, of which the reader has a use for the sizes alone.
  if (machine.trace === null)
    return (
      machine.library.tryOut(machine, callee, args, range) ?? unknownPlain("the output of a model is unknown", range)
    );
  const forward = memberOf(machine, mro, callee, "forward");
  if (forward?.kind === "boundMethod") return machine.call(forward, args, range);
  if (forward?.kind === "unknown") return unfollowed(machine, forward, args, range);
  return machine.library.callModule(machine, callee, args, range);
}

/** These never give back what they are given. */
const MAKES_CONTENTS = /^builtins\.(list|dict|set)$/;

/** A layer is many times the work of an expression: what counts expressions counts it as so many. */
const CONSTRUCTION_STEPS = 50;

function callLibrary(machine: Machine, callee: LibraryValue, args: CallArguments, range: SourceRange): Value {
  const path = machine.library.canonicalPath(callee.path);
  const function_ = machine.library.function(path);
  if (function_ !== null) {
    const value = function_({ machine, path, args, range });
    if (MAKES_CONTENTS.test(path)) machine.journal.created(value);
    const isLost = value.kind === "unknown" && !value.isPlain && !path.startsWith("builtins.");
    return (isLost ? machine.library.unfollowedCall(machine, lastName(path), args, value, range) : null) ?? value;
  }
  const construct = machine.library.moduleClass(path);
  if (construct !== null) {
    machine.budget.spend(CONSTRUCTION_STEPS);
    const instance = {
      kind: "instance",
      cls: { kind: "library", path },
      attributes: new Map(),
      module: newModuleState(),
      range,
      madeIn: machine.frame,
    } as const;
    machine.journal.createdInstance(instance);
    machine.made?.push(instance);
    machine.collecting(instance.module.unknowns, () => {
      construct(machine, instance, args, range);
    });
    return instance;
  }
  if (isAttributeDict(path)) return attributeDict(machine, path, args, range);
  const ofDict = /^(builtins\.dict|collections\.OrderedDict)\.(\w+)$/.exec(path);
  const [owner, method_] = [ofDict?.[1], ofDict?.[2]];
  if (owner !== undefined && method_ !== undefined && args.positional[0] !== undefined && dictOf(args.positional[0])) {
    const callee_ = { kind: "method", receiver: args.positional[0], name: method_, owner } as const;
    return callMethod(machine, callee_, { ...args, positional: args.positional.slice(1) }, range);
  }
  const initializer = /^(.*)\.__init__$/.exec(path)?.[1];
  const [self, ...rest] = args.positional;
  if (initializer !== undefined && self !== undefined) {
    return callMethod(
      machine,
      { kind: "method", receiver: self, name: "__init__", owner: initializer },
      { ...args, positional: rest },
      range,
    );
  }
  const plain = machine.library.plainFunction(path);
  return plain === null ? unreadFunction(machine, path, args, range) : plain({ machine, path, args, range });
}

/** `EasyDict({"width": 8})`: dicts inside become such too. */
function attributeDict(machine: Machine, path: string, args: CallArguments, range: SourceRange): Value {
  const convert = (value: Value): Value => {
    if (value.kind === "list") return { ...value, elements: value.elements.map(convert) };
    if (value.kind !== "dict") return value;
    const instance: InstanceValue = {
      kind: "instance",
      cls: { kind: "library", path },
      attributes: new Map(),
      module: null,
      range,
    };
    const content = becomeDict(instance);
    if (content === null) return value;
    for (const [key, entry] of value.entries) content.entries.set(key, { key: entry.key, value: convert(entry.value) });
    content.taint = value.taint;
    return instance;
  };
  const made = machine.library.function("builtins.dict")?.({ machine, path, args, range }) ?? none;
  return convert(made);
}

/** Libraries whose functions do not change the models they are given. */
const HARMLESS_ROOTS = new Set(
  (
    "torch torchvision torchsummary torchinfo thop ptflops fvcore numpy math os sys time logging warnings " +
    "random json argparse builtins typing matplotlib tqdm PIL pathlib collections itertools functools copy " +
    "re pandas sklearn cv2 wandb tensorboardX pprint datetime"
  ).split(" "),
);

/** Libraries whose functions never return layers. */
const PLAIN_ROOTS = new Set(
  "numpy math os sys time logging warnings random json re pathlib datetime pprint PIL matplotlib".split(" "),
);

const lastName = (path: string): string => path.split(".").at(-1) ?? path;

function unreadFunction(machine: Machine, path: string, args: CallArguments, range: SourceRange): Value {
  const root = path.split(".")[0] ?? "";
  const makesNoLayer =
    PLAIN_ROOTS.has(root) ||
    /^torch\.(?!nn\b|hub\b|jit\b|quantization\b|ao\b|fx\b)/.test(path) ||
    path.startsWith("torch.nn.init.");
  const name = path.replace(/^builtins\./, "");
  const reason = path.startsWith("torch.nn.")
    ? `${name} is not a layer or function that NormLens knows`
    : `NormLens does not follow ${name}`;
  const result = makesNoLayer ? unknownPlain(reason, range) : unknown(reason, range);
  const changesModels =
    path.startsWith("torch.nn.utils.") || path.startsWith("torch.ao.") || path.startsWith("torch.quantization.");
  return HARMLESS_ROOTS.has(root) && !changesModels
    ? (machine.library.unfollowedCall(machine, lastName(name), args, result, range) ?? result)
    : unfollowed(machine, result, args, range, lastName(name));
}

function callMethod(machine: Machine, callee: MethodValue, args: CallArguments, range: SourceRange): Value {
  const { receiver, name, owner } = callee;
  // `Base.__init__(self)`: the method of a class, with the instance in front.
  const [first, ...others] = args.positional;
  if (receiver.kind === "class" && owner !== null && first !== undefined)
    return callMethod(machine, { ...callee, receiver: first }, { ...args, positional: others }, range);
  const inherited = owner === null ? null : inheritedMethod(owner, receiver, name);
  if (inherited !== null) return inherited({ machine, path: owner ?? "", args, range });
  const path = `${describeKind(receiver)}.${name}`;
  const withReceiver = { ...args, positional: [receiver, ...args.positional] };
  const owned = owner === null ? null : machine.library.function(`${owner}.${name}`);
  if (owned !== null) return owned({ machine, path, args: withReceiver, range });
  if (receiver.kind === "path" || receiver.kind === "file") return callOnPath(receiver, name, args.positional, range);
  if (receiver.kind === "tensor")
    return (
      machine.library.tensorMethod(name)?.({ machine, path, args: withReceiver, range }) ??
      unfollowed(machine, unknown(path, range), withReceiver, range, name)
    );
  if (isModule(receiver))
    return machine.library.moduleMethod(name)?.({ machine, path, args: withReceiver, range }) ?? unknown(path, range);
  return (
    builtinMethod(receiver, name)?.({ machine, path, args, range }) ??
    unfollowed(machine, unknown(path, range), args, range, name)
  );
}

/** What Python's own classes do: their constructors, the methods of dicts, `object.__setattr__`; else null. */
function inheritedMethod(owner: string, receiver: Value, name: string): LibraryFunction | null {
  if (name === "__init__") return ({ machine, args, range }) => initializeFrom(machine, receiver, owner, args, range);
  if (owner === "builtins.object" && name === "__setattr__")
    return ({ machine, args, range }) => setPlainly(machine, receiver, args, range);
  const content = isDictPath(owner) ? dictOf(receiver) : null;
  return content === null ? null : builtinMethod(content, name);
}

/** `object.__setattr__(self, "width", 8)`: past any `__setattr__` of the user's. */
function setPlainly(machine: Machine, receiver: Value, args: CallArguments, range: SourceRange): Value {
  const [name, value = none] = args.positional;
  if (name?.kind !== "string" || receiver.kind !== "instance")
    return unfollowed(machine, unknown("the name of this attribute is unknown", range), args, range);
  if (isModule(receiver)) machine.setAttribute(receiver, name.value, value, range);
  else machine.journal.setVariable(receiver.attributes, name.value, value);
  return none;
}

/** `super().__init__(…)` where the next class is a library's. */
function initializeFrom(
  machine: Machine,
  receiver: Value,
  owner: string,
  args: CallArguments,
  range: SourceRange,
): Value {
  const content = isDictPath(owner) ? dictOf(receiver) : null;
  if (content !== null) return builtinMethod(content, "update")?.({ machine, path: owner, args, range }) ?? none;
  if (!isModule(receiver)) {
    const initialize = machine.library.function(`${owner}.__init__`);
    return (
      initialize?.({ machine, path: owner, args: { ...args, positional: [receiver, ...args.positional] }, range }) ??
      none
    );
  }
  const construct = machine.library.moduleClass(owner);
  if (construct === null) {
    // `object.__init__`, and bases that only mark a class.
    return none;
  }
  machine.journal.beforeModule(receiver);
  construct(machine, receiver, args, range);
  return none;
}
