/** Patterns of einops: `b (h p) w c -> b h w (p c)`. */

/** Names that are joined into one axis; a single axis is a group of one, `1` and `()` are groups of none. */
export type Group = readonly string[];

export interface Pattern {
  readonly from: readonly Group[];
  readonly to: readonly Group[];
}

/** null for text that is no pattern. */
export function parsePattern(text: string): Pattern | null {
  const sides = text.split("->");
  const [from, to] = sides.map(groupsOf);
  return sides.length === 2 && from != null && to != null ? { from, to } : null;
}

function groupsOf(side: string): readonly Group[] | null {
  const groups: string[][] = [];
  let open: string[] | null = null;
  for (const [token] of side.matchAll(/\(|\)|\.\.\.|\w+|\S/g)) {
    if (token === "(") {
      if (open !== null) return null;
      open = [];
    } else if (token === ")") {
      if (open === null) return null;
      groups.push(open);
      open = null;
    } else if (!/^(\w+|\.\.\.)$/.test(token)) return null;
    else if (open !== null) open.push(...(token === "1" ? [] : [token]));
    else groups.push(token === "1" ? [] : [token]);
  }
  return open === null ? groups : null;
}

/** `...` written out, so that the left side has as many axes as the tensor; null where that is not possible. */
export function withoutEllipsis({ from, to }: Pattern, rank: number): Pattern | null {
  const at = from.findIndex(([name]) => name === "...");
  if (at < 0) return from.length === rank ? { from, to } : null;
  const names = Array.from({ length: rank - from.length + 1 }, (_, index) => `...${index}`);
  if (names.length === 0 && rank - from.length + 1 < 0) return null;
  const spread = (groups: readonly Group[]): Group[] =>
    groups.flatMap((group): Group[] => {
      if (group.length === 1 && group[0] === "...") return names.map((name) => [name]);
      return [group.flatMap((name) => (name === "..." ? names : [name]))];
    });
  return { from: spread(from), to: spread(to) };
}
