/** What calls of libraries mean for a script: networks, wrappers, data, optimizers; everything else is computed from its arguments. */
import { combined, elementsIn } from "./evaluate";
import { libraryModel } from "./families";
import type { Machine } from "./machine";
import { copyOf } from "./copies";
import { callBuiltin } from "./builtins";
import { numberOf } from "./dataSize";
import { detached, markTrained } from "./forwards";
import { textOf } from "./norms";
import { callFunctions, unreadableCall } from "./unreadable";
import { argument, modulesIn, type Args, type ObjectValue, type Site, type Value } from "./values";

const SAME_MODULE =
  /^torch\.(nn\.(parallel\.)?(DataParallel|DistributedDataParallel)|compile|jit\.(script|trace)|fx\.symbolic_trace|nn\.utils\.(parametrizations\.)?(spectral_norm|weight_norm|parametrizations\.\w+)|distributed\.fsdp\.FullyShardedDataParallel)$|(^|\.)(DistributedDataParallel|DataParallelWithCallback|DataParallelModel|DDP|NativeDDP|ApexDDP|BalancedDataParallel|DataParallel|patch_replication_callback|network_to_half|convert_syncbn_model|convert_sync_batchnorm|convert_model|auto_model)$/;
const SYNCED = /(^|\.)(convert_sync_batchnorm|convert_syncbn_model|DataParallelWithCallback|patch_replication_callback|convert_sync_bn)$/;

export function callLibrary(machine: Machine, path: string, args: Args, site: Site): Value {
  const builtin = callBuiltin(machine, path, args, site);
  if (builtin !== null) return builtin;
  const result = resultOf(machine, path, args, site);
  machine.trace.calls.push({ path, args, result, place: machine.place(site) });
  return result;
}

function resultOf(machine: Machine, path: string, args: Args, site: Site): Value {
  const [first] = args.positional;
  const values = [...args.positional, ...args.keyword.values()];
  const subject = first ?? args.keyword.get("module") ?? args.keyword.get("model");
  if (SAME_MODULE.test(path) && subject !== undefined) {
    if (SYNCED.test(path)) for (const module of modulesIn(subject)) machine.store.set(module.fields, "#synced", { kind: "constant", value: true });
    return subject;
  }
  if (/^(copy\.)?(deepcopy|copy\.copy)$/.test(path) && first !== undefined) return copyOf(machine, first, site);
  if (/(^|\.)AveragedModel$/.test(path) || /(^|\.)ModelEma\w*$/.test(path)) return averaged(machine, path, args, site);
  if (/^torch\.nn\.[A-Z]/.test(path)) return layer(machine, path, args, site);
  if (path === "torch.utils.checkpoint.checkpoint" || path === "torch.utils.checkpoint.checkpoint_sequential") return checkpointed(machine, path, args, site);
  if (/^torch\.(cat|concat|concatenate)$/.test(path)) return concatenated(machine, args);
  if (/^torch\.autograd\.Variable$|^torch\.Variable$/.test(path)) return variable(machine, args);
  if (/(^|\.)amp\.initialize$/.test(path)) return values.length > 1 ? machine.list("tuple", args.positional.map((value, index) => [String(index), value] as const), site) : (first ?? machine.fresh());
  if (/^torch\.autograd\.backward$|^torch\.autograd\.grad$/.test(path)) {
    if (path.endsWith("backward")) markTrained(machine, args.positional, site);
    return machine.fresh();
  }
  if (path === "torch.utils.data.random_split") return split(machine, args, site);
  if (/^torch\.(randn|rand|zeros|ones|empty|randint|arange)$/.test(path)) return { ...machine.tensor(values), rows: rowsOf(path, args) };
  if (/^torch\.(argmax|max|topk|sum|mean)$/.test(path)) return combined(machine, values);
  const name = args.positional.map(textOf).find((text) => text !== null && !/[/:]/.test(text)) ?? textOf(args.keyword.get("model_name") ?? args.keyword.get("model") ?? machine.fresh());
  if (libraryModel(path.replace(/\.(from_pretrained|from_name)$/, ""), name) !== null) return machine.object(path.replace(/\.(from_pretrained|from_name)$/, ""), args, site, { isModule: true });
  return other(machine, path, args, site);
}

function other(machine: Machine, path: string, args: Args, site: Site): Value {
  const last = path.split(".").at(-1) ?? "";
  const isKnown = /^(torch|torchvision|numpy|timm|torchsummary|torchinfo|thop|wandb|tqdm|PIL|sklearn|fvcore|ptflops)\b/.test(path);
  if (/^[A-Z]/.test(last) && !/^torch\.[A-Z]\w*Tensor$/.test(path)) {
    callFunctions(machine, [...args.positional, ...args.keyword.values()], site);
    const object = machine.object(path, args, site);
    object.names.add(last);
    return object;
  }
  if (isKnown) {
    const values = [...args.positional, ...args.keyword.values()];
    callFunctions(machine, values, site);
    return combined(machine, values);
  }
  return unreadableCall(machine, machine.fresh([last]), last, args, site);
}

/** A layer; containers hold what they are given. */
function layer(machine: Machine, path: string, args: Args, site: Site): ObjectValue {
  const module = machine.object(path, args, site, { isModule: true });
  const [first] = args.positional;
  const isDict = first?.kind === "object" && (first.type === "dict" || first.type === "collections.OrderedDict");
  if (path === "torch.nn.Sequential" && !isDict) args.positional.forEach((value, index) => module.fields.set(String(index), value));
  else if (/^torch\.nn\.(ModuleList|ModuleDict|Sequential)$/.test(path) && first?.kind === "object") for (const [name, value] of first.fields) module.fields.set(name, value);
  else if (/^torch\.nn\.(ModuleList|Sequential)$/.test(path) && first !== undefined) module.fields.set("0", first);
  return module;
}

function averaged(machine: Machine, path: string, args: Args, site: Site): Value {
  const model = argument(args, "model", 0);
  const [source] = model === null ? [] : modulesIn(model);
  const object = machine.object(path, args, site, { isModule: true, copyOf: source ?? null });
  if (source !== undefined) object.fields.set("module", copyOf(machine, source, site));
  return object;
}

function checkpointed(machine: Machine, path: string, args: Args, site: Site): Value {
  const [first, ...rest] = args.positional;
  if (first === undefined) return machine.fresh();
  if (path.endsWith("_sequential")) return combined(machine, args.positional.slice(2));
  return machine.call(first, { positional: rest, keyword: new Map(), isComplete: args.isComplete, nodes: [] }, site);
}

function concatenated(machine: Machine, args: Args): Value {
  const [parts] = args.positional;
  const dimension = argument(args, "dim", 1) ?? args.keyword.get("axis") ?? null;
  const isBatch = dimension === null || (dimension.kind === "constant" && dimension.value === 0);
  const tensor = machine.tensor([...args.positional]);
  return isBatch && parts !== undefined ? { ...tensor, joined: elementsIn(parts) } : tensor;
}

function variable(machine: Machine, args: Args): Value {
  const volatile = args.keyword.get("volatile");
  const isVolatile = volatile?.kind === "constant" && volatile.value === true;
  const tensor = machine.tensor(args.positional);
  return isVolatile ? { ...detached(tensor), words: [...tensor.words, "#volatile"] } : tensor;
}

/** `random_split(data, [900, 125])`. */
function split(machine: Machine, args: Args, site: Site): Value {
  const [data, lengths] = args.positional;
  const parts = lengths === undefined ? [] : elementsIn(lengths).map((length): Value => {
    const part = machine.object("#split", { ...args, positional: data === undefined ? [] : [data] }, site);
    const number = numberOf(length);
    if (number !== null && number > 1) part.fields.set("#size", { kind: "constant", value: number });
    return part;
  });
  return parts.length === 0 ? machine.fresh([], args.positional) : machine.list("tuple", parts.map((part, index) => [String(index), part] as const), site);
}

function rowsOf(path: string, args: Args): number | null {
  const shape = path.endsWith("randint") ? (args.keyword.get("size") ?? args.positional[2] ?? args.positional[1]) : args.positional[0];
  if (shape === undefined) return null;
  return numberOf(shape.kind === "object" ? elementsIn(shape)[0] : shape);
}
