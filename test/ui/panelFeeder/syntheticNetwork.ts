/** How the layers of a synthetic run are connected. */
import type { RunLayer } from "../../../engine/protocol/records";

export type Naming = "flat" | "staged" | "u";

const join = (id: string, inputs: readonly string[]): RunLayer => ({
  ...{ id, name: id, kind: "torch.add", framework: "pytorch", parameters: 0, outputShape: null, source: null },
  ...{ inputs: [...inputs], model: null, owned: null, norm: null },
});

export function connected(norms: readonly RunLayer[], naming: Naming): RunLayer[] {
  if (naming === "staged") return residual(norms);
  if (naming === "u") return likeU(norms);
  return chained(norms, "input");
}

/** Each takes the one before. */
function chained(layers: readonly RunLayer[], first: string): RunLayer[] {
  return layers.map((layer, index) => ({ ...layer, inputs: [layers[index - 1]?.id ?? first] }));
}

/** Layers of one block, `layer1.0`, and what goes around them. */
function residual(norms: readonly RunLayer[]): RunLayer[] {
  const blocks = new Map<string, RunLayer[]>();
  for (const norm of norms) {
    const block = norm.id.split(".").slice(0, 2).join(".");
    blocks.set(block, [...(blocks.get(block) ?? []), norm]);
  }
  let value = "input";
  return [...blocks].flatMap(([block, own]) => {
    const isBlock = block.startsWith("layer");
    const layers = chained(own, value);
    const end = own.at(-1)?.id ?? value;
    const sum = join(`${block}.add`, [end, value]);
    value = isBlock ? sum.id : end;
    return isBlock ? [...layers, sum] : layers;
  });
}

/** A way down, and a way up that gets each value of the way down again. A side way goes around one layer. */
function likeU(norms: readonly RunLayer[]): RunLayer[] {
  const down: string[] = [];
  let value = "input";
  let before = value;
  const becomes = (layers: readonly RunLayer[]): readonly RunLayer[] => {
    before = value;
    value = layers.at(-1)?.id ?? value;
    return layers;
  };
  return norms.flatMap((norm) => {
    const { id } = norm;
    if (id.startsWith("side")) return becomes([{ ...norm, inputs: [before] }, join(`${id}.add`, [value, id])]);
    if (id.startsWith("up")) {
      const joined = join(`${id}.cat`, [value, down.pop() ?? value]);
      return becomes([joined, { ...norm, inputs: [joined.id] }]);
    }
    if (id.startsWith("down")) down.push(id);
    return becomes([{ ...norm, inputs: [value] }]);
  });
}
