/** Groups layers by as many first parts of their dotted names as give a manageable number of groups. */

export interface Stage {
  /** The first parts of the name, which its layers share. Unique. */
  readonly id: string;
  /** Indices into the layers, input to output. */
  readonly members: readonly number[];
}

const FEWEST = 2;
const MOST = 30;

/** Ordered by each stage's first layer. One stage of all layers, named "", if the names form no groups. */
export function stagesOf(names: readonly string[]): Stage[] {
  // Keras writes `conv2_block1_1_bn` where PyTorch writes `layer1.0.bn1`.
  const candidates = [/[./]/, /[./_]/].flatMap((separator) => groupings(names, separator));
  const fitting = candidates.find(({ length }) => length >= FEWEST && length <= MOST);
  if (fitting) return fitting;
  // Many groups are better than none, as long as folding them saves rows.
  const many = candidates.filter(({ length }) => length > MOST && 2 * length <= names.length);
  return many.sort((a, b) => a.length - b.length)[0] ?? [{ id: "", members: names.map((_, index) => index) }];
}

/** By the first part, by the first two, …: as deep as any name goes. */
function groupings(names: readonly string[], separator: RegExp): Stage[][] {
  const deepest = Math.max(1, ...names.map((name) => name.split(separator).length));
  return Array.from({ length: deepest }, (_, depth) => grouped(names, separator, depth + 1));
}

function grouped(names: readonly string[], separator: RegExp, depth: number): Stage[] {
  const stages = new Map<string, number[]>();
  names.forEach((name, index) => {
    const prefix = prefixOf(name, separator, depth);
    const members = stages.get(prefix) ?? [];
    members.push(index);
    stages.set(prefix, members);
  });
  return [...stages].map(([id, members]) => ({ id, members }));
}

function prefixOf(name: string, separator: RegExp, depth: number): string {
  const parts = name.split(separator).slice(0, depth);
  const length = parts.reduce((sum, part) => sum + part.length + 1, -1);
  return name.slice(0, length);
}
