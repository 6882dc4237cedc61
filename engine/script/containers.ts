import type { Args, Fields } from "./tracedValues";

/** The layers that a container of torch.nn is given: `nn.Sequential(…)`, `nn.ModuleList([…])`. */
export function heldBy(path: string, { positional }: Args): Fields {
  const [first] = positional;
  const isDict = first?.kind === "object" && (first.type === "dict" || first.type === "collections.OrderedDict");
  if (path === "torch.nn.Sequential" && !isDict)
    return new Map(positional.map((value, index) => [String(index), value]));
  if (!/^torch\.nn\.(ModuleList|ModuleDict|Sequential)$/.test(path) || first === undefined) return new Map();
  if (first.kind === "object") return new Map(first.fields);
  return path === "torch.nn.ModuleDict" ? new Map() : new Map([["0", first]]);
}
