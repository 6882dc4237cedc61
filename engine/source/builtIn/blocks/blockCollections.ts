/**
 * Building blocks of libraries, described in the language that the reader reads. They have the names, order and
 * parameters of the library's own; a block that is not here stays unknown, and leaves the rest of a model readable.
 */
import type { Collection } from "../collection";
import { GRAPH_LAYERS } from "./graphLayers";
import { MMCV_BLOCKS } from "./mmcvBlocks";
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
];
