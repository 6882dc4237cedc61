/**
 * Moves overlapping labels apart, as little as possible: labels that touch become one block around their mean
 * (pool adjacent violators). All labels stay inside [low, high] while there is room.
 */
export function pushApart(wanted: readonly number[], gap: number, low: number, high: number): number[] {
  const order = wanted.map((_, index) => index).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0));
  const blocks: { members: number[]; start: number }[] = [];
  for (const index of order) {
    let block = placed([index], wanted, gap, low, high);
    for (let above = blocks.at(-1); above && endOf(above, gap) > block.start; above = blocks.at(-1)) {
      blocks.pop();
      block = placed([...above.members, ...block.members], wanted, gap, low, high);
    }
    blocks.push(block);
  }
  const positions = new Array<number>(wanted.length).fill(0);
  for (const { members, start } of blocks) members.forEach((member, rank) => (positions[member] = start + rank * gap));
  return positions;
}

const endOf = (block: { members: readonly number[]; start: number }, gap: number): number =>
  block.start + block.members.length * gap;

function placed(
  members: number[],
  wanted: readonly number[],
  gap: number,
  low: number,
  high: number,
): { members: number[]; start: number } {
  const mean = members.reduce((sum, member, rank) => sum + (wanted[member] ?? 0) - rank * gap, 0) / members.length;
  const highest = high - (members.length - 1) * gap;
  return { members, start: Math.max(low, Math.min(mean, highest)) };
}
