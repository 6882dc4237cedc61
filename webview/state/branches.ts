/**
 * How a network branches, as its list of normalization layers shows it: the longest way through is the main line, and
 * whatever leaves it and joins it again is a branch beside it, in a lane of its own. Pure.
 */
import type { RunLayer } from "../../engine/protocol/records";
import { type Flow, flowOf, immediateDominators, pathsBetween } from "./networkFlow";

export interface Branch {
  /** From 1 on; the main line is lane 0. */
  readonly lane: number;
  /** The lane that it leaves and joins again. */
  readonly parentLane: number;
  /** The normalization layers that it runs beside, or has: indices into their list, both inclusive. */
  readonly first: number;
  readonly last: number;
  /** False for what comes from another input of the model: it joins, and leaves nothing. */
  readonly leaves: boolean;
  /** Whether it has no normalization layer itself, as a residual connection. */
  readonly isSkip: boolean;
  /** The normalization layer before the place where it leaves; null for none. */
  readonly after: string | null;
}

export interface Branches {
  readonly branches: readonly Branch[];
  /** The lane of each normalization layer. */
  readonly laneOf: readonly number[];
  /** How many lanes there are, with the main line. */
  readonly lanes: number;
}

type BranchLayer = Pick<RunLayer, "id" | "name" | "kind" | "inputs" | "norm">;

/** More lanes than these beside the main line are no picture any more. */
const MOST_LANES = 4;

/** A branch before it has a lane. */
interface Found {
  readonly leave: number;
  readonly first: number;
  readonly last: number;
  /** Nodes that no other way to the same place has. */
  readonly own: ReadonlySet<number>;
  readonly isSkip: boolean;
}

/** A straight line where the record does not say what layers take. */
export function branchesOf(layers: readonly BranchLayer[]): Branches {
  const flow = flowOf(layers);
  const rows = flow.norms;
  if (!layers.some(({ inputs }) => inputs !== null)) return straight(rows.length);
  const found = withoutRepeats(findBranches(flow));
  const lanes = assignLanes(found);
  const kept = found.filter((branch) => lanes.has(branch));
  const owner = owners(kept);
  const laneAt = (node: number): number => {
    const branch = owner.get(node);
    return (branch && lanes.get(branch)) ?? 0;
  };
  const branches = kept.map((branch): Branch => {
    const before = rows.filter((node) => node <= branch.leave).length - 1;
    return {
      lane: lanes.get(branch) ?? 0,
      parentLane: laneAt(branch.leave),
      first: branch.first,
      last: branch.last,
      leaves: branch.leave > 0,
      isSkip: branch.isSkip,
      after: before < 0 ? null : flow.nameOf(rows[before] ?? 0),
    };
  });
  return {
    branches: branches.sort((a, b) => a.first - b.first || a.lane - b.lane),
    laneOf: rows.map(laneAt),
    lanes: 1 + Math.max(0, ...branches.map(({ lane }) => lane)),
  };
}

const straight = (rows: number): Branches => ({ branches: [], laneOf: Array<number>(rows).fill(0), lanes: 1 });

function findBranches(flow: Flow): Found[] {
  const dominators = immediateDominators(flow.inputs);
  return flow.inputs.flatMap((inputs, join) =>
    inputs.length > 1 ? branchesInto(flow, join, dominators[join] ?? 0) : [],
  );
}

/** The ways from the fork to a place where several values meet, all but the one with most normalization layers. */
function branchesInto({ inputs, norms }: Flow, join: number, fork: number): Found[] {
  const isNorm = new Set(norms);
  const countNorms = (nodes: ReadonlySet<number>): number => [...nodes].filter((node) => isNorm.has(node)).length;
  const ways = (inputs[join] ?? []).map((input) => pathsBetween(inputs, fork, input));
  const longestFirst = ways.sort((a, b) => countNorms(b) - countNorms(a));
  const taken = new Set(longestFirst[0]);
  return longestFirst.slice(1).flatMap((way) => {
    const shared = [...way].filter((node) => taken.has(node));
    const leave = Math.max(fork, ...shared);
    const own = new Set([...way].filter((node) => !taken.has(node)));
    for (const node of own) taken.add(node);
    const first = norms.findIndex((node) => node > leave);
    const last = norms.findLastIndex((node) => node < join);
    return first < 0 || last < first ? [] : [{ leave, first, last, own, isSkip: countNorms(own) === 0 }];
  });
}

/** Several residual connections between the same two places are one line. */
function withoutRepeats(found: readonly Found[]): Found[] {
  const seen = new Set<string>();
  return found.filter(({ leave, first, last, isSkip }) => {
    const key = `${leave} ${first} ${last}`;
    if (isSkip && seen.has(key)) return false;
    if (isSkip) seen.add(key);
    return true;
  });
}

/** The shortest lie nearest to the main line. A residual connection for which no lane is left is not drawn. */
function assignLanes(found: readonly Found[]): Map<Found, number> {
  const lanes = new Map<Found, number>();
  const overlaps = (a: Found, b: Found): boolean => a.first <= b.last && b.first <= a.last;
  const shortestFirst = [...found].sort((a, b) => a.last - a.first - (b.last - b.first) || a.first - b.first);
  for (const branch of shortestFirst) {
    const taken = new Set([...lanes].filter(([other]) => overlaps(branch, other)).map(([, lane]) => lane));
    let lane = 1;
    while (taken.has(lane)) lane++;
    if (lane <= MOST_LANES) lanes.set(branch, lane);
    else if (!branch.isSkip) lanes.set(branch, MOST_LANES);
  }
  return lanes;
}

/** The innermost branch that a node is in. */
function owners(branches: readonly Found[]): Map<number, Found> {
  const owner = new Map<number, Found>();
  for (const branch of [...branches].sort((a, b) => b.own.size - a.own.size))
    for (const node of branch.own) owner.set(node, branch);
  return owner;
}
