/** Attributes: of modules, of instances, of libraries and of what is not known. */
import { foreignBases, bound, decoratorsOf, memberAfter, memberOf } from "./tracedClasses";
import { child } from "./followExpression";
import { documentedPath } from "../python/libraryNames";
import type { Tracing } from "./tracing";
import { modesOf, possible } from "./modes";
import { isNorm } from "./norms";
import {
  ABSENT,
  NO_ARGS,
  constant,
  external,
  unionOf,
  type FileValue,
  type ObjectValue,
  type TracedClass,
  type PartValue,
  type Site,
  type TracedValue,
} from "./tracedValues";

export function attributeOf(tracing: Tracing, value: TracedValue, name: string, site: Site): TracedValue {
  switch (value.kind) {
    case "object":
      return ofObject(tracing, value, name, site);
    case "external":
      return name === "__dict__" ? value : external(documentedPath(`${value.path}.${name}`));
    case "file":
      return name === "__dict__" ? value : ofFile(tracing, value, name);
    case "class":
      return (
        memberOf(value, name) ??
        (name === "__name__" ? constant(value.node.name) : { kind: "method", self: value, name })
      );
    case "super":
      return ofSuper(value, name);
    case "part":
      return ofPart(value, name);
    case "tensor":
      return { kind: "method", self: value, name };
    case "unknown":
      return child(tracing, value, name, [name]);
    case "union":
      return unionOf(
        value.options
          .filter((option) => option !== ABSENT && !(option.kind === "constant" && option.value === null))
          .map((option) => tracing.attribute(option, name, site)),
      );
    case "function":
    case "partial":
      return tracing.fresh();
    default:
      return { kind: "method", self: value, name };
  }
}

/** `nets.deep` after `import nets.deep`: what the package calls so, else its module of that name. */
function ofFile(tracing: Tracing, { scope }: FileValue, name: string): TracedValue {
  const own = tracing.lookup(name, scope);
  if (own.kind !== "external" || own.path !== name || !scope.file.path.endsWith("__init__.py")) return own;
  return tracing.fileOf({ kind: "imported", from: scope.file, module: name, level: 1, name: null }) ?? own;
}

function ofObject(tracing: Tracing, object: ObjectValue, name: string, site: Site): TracedValue {
  const own = object.fields.get(name);
  if (own !== undefined && own !== ABSENT) return present(tracing, object, own, name);
  if (object.cls !== null) {
    const member = memberOf(object.cls, name);
    if (member?.kind === "function") {
      const method = bound(member, object);
      return decoratorsOf(member).some((decorator) => decorator === "property" || decorator.endsWith("cached_property"))
        ? tracing.callFunction(method, NO_ARGS, site)
        : method;
    }
    if (member !== null) return member;
  }
  if (name === "__class__") return object.cls ?? external(object.type);
  if (name === "param_groups" && object.type.startsWith("torch.optim.")) return parameterGroups(tracing, object, site);
  if (object.isModule) return ofModule(tracing, object, name, site);
  if (object.cls !== null && isReadable(object.cls)) return missing(tracing, object, name);
  return { kind: "method", self: object, name };
}

/** What an optimizer was made with, group by group: settings that a loop changes later are seen there. */
function parameterGroups(tracing: Tracing, optimizer: ObjectValue, site: Site): TracedValue {
  const given = optimizer.args.positional[0] ?? optimizer.args.keyword.get("params") ?? tracing.fresh();
  const isList = given.kind === "object" && given.type === "list";
  const groups = isList
    ? [...given.fields.values()].filter((value) => value.kind === "object" && value.type === "dict")
    : [];
  const made = (): TracedValue =>
    groups.length > 0 ? given : tracing.list("list", [["0", tracing.list("dict", [["params", given]], site)]], site);
  const value = tracing.store.outside(made);
  tracing.store.reveal(optimizer.fields, "param_groups", value);
  return value;
}

const isReadable = (cls: TracedClass): boolean =>
  foreignBases(cls).every((path) => path === "object") && memberOf(cls, "__getattr__") === null;

/** A setting that no statement that was followed sets: it may be set elsewhere, to anything. */
function missing(tracing: Tracing, { fields }: ObjectValue, name: string): TracedValue {
  const value = tracing.fresh([name]);
  if (!name.startsWith("__")) tracing.store.reveal(fields, name, value);
  return value;
}

/** Set on one way only: a configuration may have had another value before. */
function present(tracing: Tracing, { isModule }: ObjectValue, value: TracedValue, name: string): TracedValue {
  if (value.kind !== "union" || !value.options.includes(ABSENT)) return value;
  const options = value.options.filter((option) => option !== ABSENT);
  return unionOf(isModule ? options : [...options, tracing.fresh([name])]);
}

const WRAPPED = new Set(["module", "_orig_mod"]);
const MODULE_METHODS = new RegExp(
  "^(train|eval|parameters|named_parameters|modules|named_modules|children|named_children|buffers|" +
    "named_buffers|state_dict|load_state_dict|apply|requires_grad_|to|cuda|cpu|half|float|double|" +
    "bfloat16|forward|zero_grad|add_module|register_\\w+|append|extend|insert|share_memory|type|" +
    "no_sync|compile|get_submodule|init_weights|keys|values|items|update|train_start|update_parameters)$",
);
/** Parts of networks of libraries that contain the bulk of it, and those that contain none of its normalization. */
const TRUNK =
  /^(layer[1-4]|features|backbone|encoder|body|trunk|stages?|blocks|conv_stem|base|base_model|resnet|model|bn1)$/;
const HEAD = /^(fc|classifier|head|last_linear|heads|logits|output|avgpool|segmentation_head)$/;

function ofModule(tracing: Tracing, module: ObjectValue, name: string, site: Site): TracedValue {
  if (name === "training") return mode(tracing, module);
  if (WRAPPED.has(name)) return module;
  if (MODULE_METHODS.test(name) || (module.cls !== null && isPlainModule(module)))
    return { kind: "method", self: module, name };
  if (TRUNK.test(name) || HEAD.test(name)) {
    const isNormTrunk = TRUNK.test(name) && module.cls === null && isNorm(module);
    const made = (): ObjectValue =>
      tracing.object(`${module.type}.${name}`, NO_ARGS, site, { isModule: true, facts: { isNormTrunk } });
    const part = tracing.store.outside(made);
    tracing.store.revealPart(module, name, part);
    return part;
  }
  return { kind: "method", self: module, name };
}

const isPlainModule = ({ cls }: ObjectValue): boolean =>
  cls !== null && foreignBases(cls).every((path) => path === "torch.nn.Module");

/** `model.training`: a constant where the mode is certain, else the modes themselves, to be given back to `train()`. */
function mode(tracing: Tracing, module: ObjectValue): TracedValue {
  const entries = possible(modesOf(module, "modes"), tracing.assumptions);
  const kinds = new Set(entries.map((entry) => entry.mode));
  const [only] = kinds;
  // Inside the model's own forward both are asked for: what matters there is what can happen.
  if (tracing.innerForward > 0 || kinds.size !== 1 || only === "unknown") return { kind: "modes", entries };
  return constant(only === "train");
}

function ofSuper({ self, owner }: Extract<TracedValue, { kind: "super" }>, name: string): TracedValue {
  const cls = self.kind === "object" ? self.cls : self.kind === "class" ? self : null;
  const member = memberAfter(cls?.order.includes(owner) === true ? cls : owner, owner, name);
  return member?.kind === "function" ? { ...member, self } : { kind: "method", self, name };
}

const PART_METHODS = new RegExp(
  "^(eval|train|requires_grad_|parameters|named_parameters|modules|children|named_modules|apply|" +
    "buffers|named_children|state_dict|register_\\w+|copy_|mul_|add_|lerp_|detach|clone|data_ptr|size|" +
    "numel|reset_running_stats|reset_parameters)$",
);

function ofPart(part: PartValue, name: string): TracedValue {
  // `layer.__class__.__name__`
  if (part.what === "name" && name === "__name__") return part;
  if (part.what === "state" || part.what === "name") return { kind: "method", self: part, name };
  if (PART_METHODS.test(name)) return { kind: "method", self: part, name };
  if (name === "__class__" || name === "__name__") return { ...part, what: "name" };
  if (name === "weight" || name === "bias")
    return { ...part, what: "parameters", isNorm: part.what === "modules" ? true : part.isNorm };
  if (/^running_(mean|var)$/.test(name)) return { ...part, what: "buffers" };
  return name === "data" || name === "module" ? part : { kind: "method", self: part, name };
}
