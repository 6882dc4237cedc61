/**
 * Functions that give a module back with other layers in the same places.
 *
 * After torch.nn.utils.weight_norm and spectral_norm a layer has a weight that is computed. The engine has neither, so
 * only the layer's shapes and parameters are known afterwards. A synchronized BN layer has the same settings as before.
 */
import type { LayerOp } from "../../protocol/layerOps";
import { spatialDimsOf } from "../../protocol/layerOps";
import type { ShapeRule } from "../../protocol/shape";
import type { LibraryFunction } from "../interpreter/machine";
import { isModule } from "../interpreter/aboutValues";
import { int, string, unknown } from "../interpreter/newValues";
import { other } from "./layers/torchLayerSpec";

/** The rule by which the layer makes its shape; null for other layers. */
function shapeRuleOf(op: LayerOp): ShapeRule | null {
  if (op.kind === "linear") return { rule: "narrow", axis: -1, size: op.outFeatures };
  if (op.kind !== "conv2d") return op.kind === "other" ? (op.shapeRule ?? null) : null;
  const dims = spatialDimsOf(op);
  const after = op.paddingAfter ?? op.padding;
  return {
    rule: "window",
    kernelSize: op.kernelSize.slice(-dims),
    stride: op.stride.slice(-dims),
    padding: op.padding.map((before, axis) => before + (after[axis] ?? 0)).slice(-dims),
    dilation: op.dilation.slice(-dims),
    ceilMode: false,
    inChannels: op.inChannels,
    outChannels: op.outChannels,
  };
}

/** Salimans & Kingma 2016: a length for each output; of the whole weight with `dim=None`. */
function lengthsOf(op: LayerOp, isWhole: boolean): number | null {
  if (isWhole) return 1;
  if (op.kind === "linear") return op.outFeatures;
  return op.kind === "conv2d" ? op.outChannels : null;
}

function reparametrized(added: (op: LayerOp, isWhole: boolean) => number | null): LibraryFunction {
  return ({ machine, args, path, range }) => {
    const module = args.positional[0] ?? args.keywords.get("module");
    if (module === undefined || !isModule(module) || module.module.layer === null)
      return module?.kind === "unknown" ? module : unknown(`NormLens does not follow ${path} of this module`, range);
    const { layer } = module.module;
    const name = args.positional[1] ?? args.keywords.get("name") ?? string("weight");
    const dim = args.keywords.get("dim") ?? int(0);
    const isUsual = name.kind === "string" && name.value === "weight" && args.positional.length <= 2;
    const isWhole = dim.kind === "none";
    const isKnown = isUsual && (isWhole || (dim.kind === "int" && dim.value === 0) || added === none);
    const more = isKnown ? added(layer.op, isWhole) : null;
    machine.journal.beforeModule(module);
    module.module.layer = {
      ...layer,
      op: other(layer.className, shapeRuleOf(layer.op)),
      parameters: more === null || layer.parameters === null ? null : layer.parameters + more,
    };
    if (more === null) module.module.unknowns.push(unknown(`NormLens does not count what ${path} adds`, range));
    return module;
  };
}

/** Miyato et al. 2018: divided by its largest singular value, which is kept in buffers. */
const none = (): number => 0;

const synchronized: LibraryFunction = ({ args, path, range }) =>
  args.positional[0] ?? args.keywords.get("module") ?? unknown(`${path} needs a module`, range);

export const reparametrizations: ReadonlyMap<string, LibraryFunction> = new Map([
  ...["torch.nn.utils.weight_norm", "torch.nn.utils.parametrizations.weight_norm"].map(
    (path) => [path, reparametrized(lengthsOf)] as const,
  ),
  ...["torch.nn.utils.spectral_norm", "torch.nn.utils.parametrizations.spectral_norm"].map(
    (path) => [path, reparametrized(none)] as const,
  ),
  ...["torch.nn.SyncBatchNorm.convert_sync_batchnorm", "apex.parallel.convert_syncbn_model"].map(
    (path) => [path, synchronized] as const,
  ),
]);
