/** Layer classes that a parameter stands for, by its name: `def conv_bn(inp, oup, BatchNorm)`. */
import { library } from "../interpreter/newValues";
import type { LibraryValue } from "../interpreter/values";

const NORM = /^(?:sync_?)?(?:batch_?norm|bn)_?([123]d)?(_?(?:layer|class|cls|fn|func|op|type|module))?$/i;

/** null for a name that says no layer, and for one that is mostly a flag (`bn`, `batch_norm`). */
export function namedLayer(name: string): LibraryValue | null {
  const [all, dimensions, kind] = NORM.exec(name) ?? [];
  if (all === undefined || !(/^[A-Z]/.test(name) || dimensions !== undefined || kind !== undefined)) return null;
  return library(`torch.nn.BatchNorm${dimensions?.toLowerCase() ?? "2d"}`);
}
