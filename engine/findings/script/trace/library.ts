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
import { argument, constant, modulesIn, type Args, type ObjectValue, type Site, type Value } from "./values";

const SAME_MODULE =
  /^torch\.(nn\.(parallel\.)?(DataParallel|DistributedDataParallel)|compile|jit\.(script|trace)|fx\.symbolic_trace|nn\.utils\.(parametrizations\.)?(spectral_norm|weight_norm|parametrizations\.\w+)|distributed\.fsdp\.FullyShardedDataParallel)$|(^|\.)(DistributedDataParallel|DataParallelWithCallback|DataParallelModel|DDP|NativeDDP|ApexDDP|BalancedDataParallel|DataParallel|patch_replication_callback|network_to_half|convert_syncbn_model|convert_sync_batchnorm|convert_model|auto_model)$/;
const SYNCED =
  /(^|\.)(convert_sync_batchnorm|convert_syncbn_model|DataParallelWithCallback|patch_replication_callback|convert_sync_bn)$/;

/** Calls that a rule looks at. */
const RECORDED = /DistributedDataParallel|DDP|AveragedModel|checkpoint|optim/;

export function callLibrary(machine: Machine, path: string, args: Args, site: Site): Value {
  const builtin = callBuiltin(machine, path, args, site);
  if (builtin !== null) return builtin;
  const result = resultOf(machine, path, args, site);
  if (RECORDED.test(path)) machine.trace.calls.push({ path, args, result, place: machine.place(site) });
  return result;
}

type Meaning = (machine: Machine, path: string, args: Args, site: Site) => Value;

const inTuple: Meaning = (machine, _path, { positional }, site) =>
  positional.length > 1
    ? machine.list(
        "tuple",
        positional.map((value, index) => [String(index), value] as const),
        site,
      )
    : (positional[0] ?? machine.fresh());

/** The first pattern that a path matches says what its call means. */
const MEANINGS: readonly (readonly [pattern: RegExp, meaning: Meaning])[] = [
  [
    /^copy\.(deepcopy|copy)$/,
    (machine, _path, { positional }, site) =>
      positional[0] === undefined ? machine.fresh() : copyOf(machine, positional[0], site),
  ],
  [/(^|\.)(AveragedModel|ModelEma\w*)$/, averaged],
  [/^torch\.nn\.[A-Z]/, layer],
  [/^torch\.utils\.checkpoint\.checkpoint(_sequential)?$/, checkpointed],
  [/^torch\.(cat|concat|concatenate)$/, (machine, _path, args) => concatenated(machine, args)],
  [/^torch\.(autograd\.)?Variable$/, (machine, _path, args) => variable(machine, args)],
  [/(^|\.)amp\.initialize$/, inTuple],
  [
    /^torch\.autograd\.backward$/,
    (machine, _path, { positional }, site) => (markTrained(machine, positional, site), machine.fresh()),
  ],
  [/^torch\.autograd\.grad$/, (machine) => machine.fresh()],
  [/^torch\.utils\.data\.(dataset\.)?random_split$/, (machine, _path, args, site) => split(machine, args, site)],
  [
    /^torch\.(randn|rand|zeros|ones|empty|randint|arange)$/,
    (machine, path, args) => ({ ...machine.tensor(valuesOf(args)), rows: rowsOf(path, args) }),
  ],
  [/^torch\.(argmax|max|topk|sum|mean)$/, (machine, _path, args) => combined(machine, valuesOf(args))],
];

const valuesOf = ({ positional, keyword }: Args): Value[] => [...positional, ...keyword.values()];

function resultOf(machine: Machine, path: string, args: Args, site: Site): Value {
  const subject = args.positional[0] ?? args.keyword.get("module") ?? args.keyword.get("model");
  if (SAME_MODULE.test(path) && subject !== undefined) {
    if (SYNCED.test(path))
      for (const module of modulesIn(subject)) machine.store.set(module.fields, "#synced", constant(true));
    return subject;
  }
  const meaning = MEANINGS.find(([pattern]) => pattern.test(path))?.[1];
  if (meaning !== undefined) return meaning(machine, path, args, site);
  const type = path.replace(/\.(from_pretrained|from_name)$/, "");
  return libraryModel(type, nameGiven(args)) === null
    ? other(machine, path, args, site)
    : machine.object(type, args, site, { isModule: true });
}

/** The name of an architecture among the arguments of a builder. */
function nameGiven({ positional, keyword }: Args): string | null {
  const named = keyword.get("model_name") ?? keyword.get("model");
  return (
    positional.map(textOf).find((text) => text !== null && !/[/:]/.test(text)) ??
    (named === undefined ? null : textOf(named))
  );
}

function other(machine: Machine, path: string, args: Args, site: Site): Value {
  const last = path.split(".").at(-1) ?? "";
  const isKnown =
    /^(torch|torchvision|numpy|timm|torchsummary|torchinfo|thop|wandb|tqdm|PIL|sklearn|fvcore|ptflops)\b/.test(path);
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
  if (path === "torch.nn.Sequential" && !isDict)
    args.positional.forEach((value, index) => module.fields.set(String(index), value));
  else if (/^torch\.nn\.(ModuleList|ModuleDict|Sequential)$/.test(path) && first?.kind === "object")
    for (const [name, value] of first.fields) module.fields.set(name, value);
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
  const parts =
    lengths === undefined
      ? []
      : elementsIn(lengths).map((length): Value => {
          const part = machine.object("#split", { ...args, positional: data === undefined ? [] : [data] }, site);
          const number = numberOf(length);
          if (number !== null && number > 1) part.fields.set("#size", { kind: "constant", value: number });
          return part;
        });
  return parts.length === 0
    ? machine.fresh([], args.positional)
    : machine.list(
        "tuple",
        parts.map((part, index) => [String(index), part] as const),
        site,
      );
}

function rowsOf(path: string, args: Args): number | null {
  const shape = path.endsWith("randint")
    ? (args.keyword.get("size") ?? args.positional[2] ?? args.positional[1])
    : args.positional[0];
  if (shape === undefined) return null;
  return numberOf(shape.kind === "object" ? elementsIn(shape)[0] : shape);
}
