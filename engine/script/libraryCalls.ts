/**
 * What calls of libraries mean for a script: networks, wrappers, data, optimizers; everything else is computed from its
 * arguments.
 */
import { combined, elementsIn } from "./followExpression";
import { heldBy, numbered } from "./containers";
import { libraryModel } from "./families";
import type { Tracing } from "./tracing";
import { GENERATOR, arrayMade, makesArray } from "./numpyArrays";
import { copyOf } from "./copies";
import { callBuiltin } from "./pythonBuiltins";
import { dottedName } from "../python/walk";
import { recordCall } from "./recordCall";
import { numberOf } from "./dataSize";
import { detached, markTrained } from "./forwards";
import { isOtherNormType, textOf } from "./norms";
import { pipelineFrom, SOURCE } from "./tfData";
import { callFunctions, startProcesses, unreadableCall } from "./unreadable";
import { argument, modulesIn, type Args, type ObjectValue, type Site, type TracedValue } from "./tracedValues";

const SAME_MODULE = new RegExp(
  "^torch\\.(nn\\.(parallel\\.)?(DataParallel|DistributedDataParallel)|compile|jit\\.(script|trace)|" +
    "fx\\.symbolic_trace|nn\\.utils\\.(parametrizations\\.)?(spectral_norm|weight_norm|" +
    "parametrizations\\.\\w+)|distributed\\.fsdp\\.FullyShardedDataParallel)$|(^|" +
    "\\.)(DistributedDataParallel|DataParallelWithCallback|DataParallelModel|DDP|NativeDDP|ApexDDP|" +
    "BalancedDataParallel|DataParallel|patch_replication_callback|network_to_half|" +
    "convert_syncbn_model|convert_sync_batchnorm|convert_model|auto_model)$",
);
const SYNCED = new RegExp(
  "(^|\\.)(convert_sync_batchnorm|convert_syncbn_model|DataParallelWithCallback|" +
    "patch_replication_callback|convert_sync_bn)$",
);

/** Calls that a rule looks at. */
const RECORDED = new RegExp(
  "DistributedDataParallel|DDP|AveragedModel|checkpoint|optim|" +
    "^torch\\.(save|jit\\.trace|onnx\\.export|autograd\\.grad)$|^(torch|math|numpy)\\.(isfinite|isnan|isinf)$|" +
    "\\.(save_image|imsave|imwrite|mimsave|write_png|write_jpeg|write_video)$",
);

export function callLibrary(tracing: Tracing, path: string, args: Args, site: Site): TracedValue {
  const builtin = callBuiltin(tracing, path, args, site);
  if (builtin !== null) return builtin;
  const result = resultOf(tracing, path, args, site);
  if (RECORDED.test(path)) recordCall(tracing, path, args, result, site);
  return result;
}

type Meaning = (tracing: Tracing, path: string, args: Args, site: Site) => TracedValue;

const inTuple: Meaning = (tracing, _path, { positional }, site) =>
  positional.length > 1 ? tracing.list("tuple", numbered(positional), site) : (positional[0] ?? tracing.fresh());

/** The first pattern that a path matches says what its call means. */
const MEANINGS: readonly (readonly [pattern: RegExp, meaning: Meaning])[] = [
  [
    /^copy\.(deepcopy|copy)$/,
    (tracing, _path, { positional }, site) =>
      positional[0] === undefined ? tracing.fresh() : copyOf(tracing, positional[0], site),
  ],
  [SOURCE, pipelineFrom],
  [GENERATOR, (tracing, path, args, site) => tracing.object(path, args, site)],
  [/(^|\.)(AveragedModel|ModelEma\w*)$/, averaged],
  [/^torch\.nn\.[A-Z]/, layer],
  [/^torch\.utils\.checkpoint\.checkpoint(_sequential)?$/, checkpointed],
  [/^torch\.(cat|concat|concatenate)$/, (tracing, _path, args) => concatenated(tracing, args)],
  [/^torch\.(autograd\.)?Variable$/, (tracing, _path, args) => variable(tracing, args)],
  [/(^|\.)amp\.initialize$/, inTuple],
  [
    /^torch\.autograd\.backward$/,
    (tracing, _path, { positional }, site) => (markTrained(tracing, positional, site), tracing.fresh()),
  ],
  [/^torch\.autograd\.grad$/, (tracing) => tracing.fresh()],
  [/^torch\.utils\.data\.(dataset\.)?random_split$/, (tracing, _path, args, site) => split(tracing, args, site)],
  [
    /^torch\.(randn|rand|zeros|ones|full|empty|randint|arange|randperm)$/,
    (tracing, path, args) => ({
      ...tracing.tensor(valuesOf(args)),
      rows: rowsOf(path, args),
    }),
  ],
  [
    /^(torch\.(tensor|as_tensor|FloatTensor|LongTensor|from_numpy)|numpy\.(array|asarray))$/,
    (tracing, _path, args) => ({ ...tracing.tensor(valuesOf(args)), rows: rowsGiven(args) }),
  ],
  [
    /^(numpy\.(repeat|sort)|torch\.repeat_interleave)$/,
    (tracing, _path, args) => ({ ...tracing.tensor(valuesOf(args)), isSorted: true }),
  ],
  [
    /^numpy\./,
    (tracing, path, args, site) =>
      (makesArray(path) ? arrayMade(tracing, path.split(".").at(-1) ?? "", args) : null) ??
      other(tracing, path, args, site),
  ],
  [/^torch\.(argmax|max|topk|sum|mean)$/, (tracing, _path, args) => combined(tracing, valuesOf(args))],
];

const valuesOf = ({ positional, keyword }: Args): TracedValue[] => [...positional, ...keyword.values()];

function resultOf(tracing: Tracing, path: string, args: Args, site: Site): TracedValue {
  const subject = args.positional[0] ?? args.keyword.get("module") ?? args.keyword.get("model");
  if (SAME_MODULE.test(path) && subject !== undefined) {
    if (SYNCED.test(path)) for (const module of modulesIn(subject)) tracing.store.setTrait(module, "isSynced", true);
    return subject;
  }
  const meaning = MEANINGS.find(([pattern]) => pattern.test(path))?.[1];
  if (meaning !== undefined) return meaning(tracing, path, args, site);
  if (isOtherNormType(path)) return layer(tracing, path, args, site);
  const type = path.replace(/\.(from_pretrained|from_name)$/, "");
  return libraryModel(type, nameGiven(args)) === null
    ? other(tracing, path, args, site)
    : tracing.object(type, args, site, { isModule: true });
}

/** The name of an architecture among the arguments of a builder. */
function nameGiven({ positional, keyword }: Args): string | null {
  const named = keyword.get("model_name") ?? keyword.get("model");
  return (
    positional.map(textOf).find((text) => text !== null && !/[/:]/.test(text)) ??
    (named === undefined ? null : textOf(named))
  );
}

/** What starts a function in other processes or threads. */
const STARTS = /(^|\.)(multiprocessing(\..*)?\.(spawn|start_processes|Process)|threading\.Thread|launch)$/;

function other(tracing: Tracing, path: string, args: Args, site: Site): TracedValue {
  if (STARTS.test(path)) startProcesses(tracing, path, args, site);
  const last = path.split(".").at(-1) ?? "";
  const isKnown =
    /^(torch|torchvision|numpy|timm|torchsummary|torchinfo|thop|wandb|tqdm|PIL|sklearn|fvcore|ptflops)\b/.test(path);
  if (/^[A-Z]/.test(last) && !/^torch\.[A-Z]\w*Tensor$/.test(path)) {
    callFunctions(tracing, [...args.positional, ...args.keyword.values()], site);
    const object = tracing.object(path, args, site);
    object.names.add(last);
    return object;
  }
  if (isKnown) {
    const values = [...args.positional, ...args.keyword.values()];
    callFunctions(tracing, values, site);
    return combined(tracing, values);
  }
  return unreadableCall(tracing, tracing.fresh([last]), last, args, site);
}

/** A layer; containers hold what they are given. */
function layer(tracing: Tracing, path: string, args: Args, site: Site): ObjectValue {
  return tracing.object(path, args, site, { isModule: true, fields: heldBy(path, args) });
}

function averaged(tracing: Tracing, path: string, args: Args, site: Site): TracedValue {
  const model = argument(args, "model", 0);
  const [source] = model === null ? [] : modulesIn(model);
  if (source === undefined) return tracing.object(path, args, site, { isModule: true });
  const fields = new Map([["module", copyOf(tracing, source, site)]]);
  return tracing.object(path, args, site, { isModule: true, copyOf: source, fields });
}

function checkpointed(tracing: Tracing, path: string, args: Args, site: Site): TracedValue {
  const [first, ...rest] = args.positional;
  if (first === undefined) return tracing.fresh();
  if (path.endsWith("_sequential")) return combined(tracing, args.positional.slice(2));
  return tracing.call(first, { positional: rest, keyword: new Map(), isComplete: args.isComplete, nodes: [] }, site);
}

function concatenated(tracing: Tracing, args: Args): TracedValue {
  const [parts] = args.positional;
  const dimension = argument(args, "dim", 1) ?? args.keyword.get("axis") ?? null;
  const isBatch = dimension === null || (dimension.kind === "constant" && dimension.value === 0);
  const tensor = tracing.tensor([...args.positional]);
  if (!isBatch || parts === undefined) return tensor;
  const joined = elementsIn(parts);
  return { ...tensor, joined, isSorted: areLabelsInOrder(args) };
}

/** `torch.cat([torch.zeros(500), torch.ones(500)])`: labels of one class after another. */
function areLabelsInOrder({ nodes: [node] }: Args): boolean {
  const parts = node?.value.kind === "sequence" ? node.value.elements : [];
  return (
    parts.length > 1 &&
    parts.every((part) => part.kind === "call" && /\.(zeros|ones|full)$/.test(dottedName(part.callee) ?? ""))
  );
}

function variable(tracing: Tracing, args: Args): TracedValue {
  const volatile = args.keyword.get("volatile");
  const isVolatile = volatile?.kind === "constant" && volatile.value === true;
  const tensor = tracing.tensor(args.positional);
  return isVolatile ? { ...detached(tensor), isVolatile } : tensor;
}

/** `random_split(data, [900, 125])`. */
function split(tracing: Tracing, args: Args, site: Site): TracedValue {
  const [data, lengths] = args.positional;
  const ofData = { ...args, positional: data === undefined ? [] : [data] };
  const parts = (lengths === undefined ? [] : elementsIn(lengths)).map((length, index) => {
    const number = numberOf(length);
    const facts = { samples: number !== null && number > 1 ? number : null };
    return [String(index), tracing.object("torch.utils.data.Subset", ofData, site, { facts })] as const;
  });
  return parts.length === 0 ? tracing.fresh([], args.positional) : tracing.list("tuple", parts, site);
}

function rowsOf(path: string, args: Args): number | null {
  const shape = path.endsWith("randint")
    ? (args.keyword.get("size") ?? args.positional[2] ?? args.positional[1])
    : args.positional[0];
  if (shape === undefined) return null;
  return numberOf(shape.kind === "object" ? elementsIn(shape)[0] : shape);
}

/** `torch.tensor([state])`: as many as the list has, or as what is converted. */
function rowsGiven({ positional: [first] }: Args): number | null {
  if (first?.kind === "tensor") return first.rows;
  return first?.kind === "object" && first.type === "list" && first.fields.size === 1 ? 1 : null;
}
