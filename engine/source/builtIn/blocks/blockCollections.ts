/**
 * Building blocks of libraries, described in the language that the reader reads. They have the names, order and
 * parameters of the library's own; a block that is not here stays unknown, and leaves the rest of a model readable.
 */
import type { Collection } from "../collection";
import { GRAPH_LAYERS } from "./graphLayers";
import { MMCV_BLOCKS } from "./mmcvBlocks";
import {
  ACTIVATED_NORMS,
  APEX_NORMS,
  DETECTRON_LAYERS,
  ENCODING_NORMS,
  SPARSE_NORMS,
  SYNCHRONIZED_NORMS,
} from "./normLayers";
import { TIMM_LAYERS } from "./timmLayers";
import { TORCHVISION_BLOCKS } from "./torchvisionBlocks";

export const BLOCK_COLLECTIONS: readonly Collection[] = [
  {
    pattern: /^torchvision\.ops\.(?:misc\.|stochastic_depth\.)?([A-Z]\w+)$/,
    prefix: "built in:torchvision.ops:",
    texts: [TORCHVISION_BLOCKS],
  },
  {
    pattern: /^timm\.(?:models\.)?layers\.(?:\w+\.)?([A-Z]\w+)$/,
    prefix: "built in:timm.layers:",
    texts: [TIMM_LAYERS],
  },
  {
    pattern: /^mmcv\.cnn\.(?:bricks\.)?(?:\w+\.)?(ConvModule|build_\w+)$/,
    prefix: "built in:mmcv.cnn:",
    texts: [MMCV_BLOCKS],
  },
  {
    pattern: /^torch_geometric\.nn\.(?:[a-z]\w*\.)*(\w+)$/,
    prefix: "built in:torch_geometric.nn:",
    texts: [GRAPH_LAYERS],
  },
  // Under whatever path a project has its copy.
  {
    pattern: /^(?:(?:\w+\.)*(?=InPlaceABN)|(?:\w+\.)*inplace_abn\.(?:\w+\.)*)(ABN|InPlaceABN|InPlaceABNSync)$/,
    prefix: "built in:inplace_abn:",
    texts: [ACTIVATED_NORMS],
  },
  {
    pattern: /^(?:\w+\.)+(SynchronizedBatchNorm[123]d)$/,
    prefix: "built in:sync_batchnorm:",
    texts: [SYNCHRONIZED_NORMS],
  },
  {
    pattern: /^apex\.parallel\.(?:\w+\.)*(SyncBatchNorm)$/,
    prefix: "built in:apex.parallel:",
    texts: [APEX_NORMS],
  },
  {
    pattern: /^encoding\.nn\.(?:\w+\.)*(SyncBatchNorm|BatchNorm[123]d)$/,
    prefix: "built in:encoding.nn:",
    texts: [ENCODING_NORMS],
  },
  {
    pattern: /^detectron2\.layers\.(?:\w+\.)*(get_norm|Conv2d|BatchNorm2d|NaiveSyncBatchNorm)$/,
    prefix: "built in:detectron2.layers:",
    texts: [DETECTRON_LAYERS],
  },
  {
    pattern: /^(?:detectron2|maskrcnn_benchmark|fcos_core)\.layers\.(?:\w+\.)*(FrozenBatchNorm2d)$/,
    prefix: "built in:frozen norms:",
    texts: [TORCHVISION_BLOCKS],
  },
  {
    pattern: /^(?:MinkowskiEngine|torchsparse\.nn)\.(?:\w+\.)*(MinkowskiBatchNorm|MinkowskiSyncBatchNorm|BatchNorm)$/,
    prefix: "built in:sparse norms:",
    texts: [SPARSE_NORMS],
  },
];
