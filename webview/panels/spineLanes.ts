/**
 * The network beside the rows of the spine: the main line nearest to the columns, branches in lanes left of it, a dot
 * where a layer is. Each row has its own part of the picture. Pure.
 */
import type { Branch, Branches } from "../state/branches";
import type { SpineEntry } from "./spineEntries";

/** What a row draws of the network, as SVG paths: `y` goes from 0 to 100, whatever the row's height. */
export interface RowLanes {
  /** Of the picture, in CSS pixels. */
  readonly width: number;
  readonly lines: string;
  readonly dot: string;
  /** What a screen reader says of it: "branch of layer1.0.bn2"; empty on the main line. */
  readonly words: string;
}

const LANE_WIDTH = 7;
const MARGIN = 4;

/** CSS pixels. */
export const lanesWidth = (lanes: number): number => 2 * MARGIN + LANE_WIDTH * (lanes - 1);

/** The normalization layers of a row, as indices into their list; none in the heading of an unfolded stage. */
interface Span {
  readonly first: number;
  readonly last: number;
  readonly isHeading: boolean;
}

export function rowLanes(entries: readonly SpineEntry[], network: Branches): RowLanes[] {
  const spans = spansOf(entries);
  const width = lanesWidth(network.lanes);
  const x = (lane: number): number => width - MARGIN - LANE_WIDTH * lane;
  const shown = network.branches.flatMap((branch) => placed(branch, spans));
  const lastRow = spans.length - 1;
  const firstRow = spans.findIndex(({ isHeading }) => !isHeading);
  return entries.map((_, row) => {
    const span = spans[row];
    if (!span) return { width, lines: "", dot: "", words: "" };
    const lane = span.isHeading || span.first !== span.last ? 0 : (network.laneOf[span.first] ?? 0);
    const here = shown.filter(({ from, to }) => from <= row && row <= to);
    const lines = [
      mainLine(x(0), { row, firstRow, lastRow, endsInDot: lane === 0 && !here.some(({ to }) => to === row) }),
      ...here.map((one) => branchLine(one, row, x)),
    ];
    return {
      width,
      lines: lines.join(""),
      dot: span.isHeading ? "" : `M${x(lane)} 50h0`,
      words: wordsOf(span, here, row, lane),
    };
  });
}

function spansOf(entries: readonly SpineEntry[]): Span[] {
  let next = 0;
  return entries.map((entry) => {
    const isHeading = entry.kind === "stage" && !entry.folded;
    const first = next;
    if (!isHeading) next += entry.kind === "stage" ? entry.members.length : 1;
    return { first, last: isHeading ? first : next - 1, isHeading };
  });
}

/** A branch with the rows that it runs through. */
interface Placed {
  readonly branch: Branch;
  readonly from: number;
  readonly to: number;
}

/** A branch inside a folded stage is folded with it. */
function placed(branch: Branch, spans: readonly Span[]): Placed[] {
  const inside = spans.flatMap(({ first, last, isHeading }, row) => {
    const begins = isHeading ? first > branch.first : first >= branch.first;
    return begins && last <= branch.last ? [row] : [];
  });
  const [from] = inside;
  const to = inside.at(-1);
  return from === undefined || to === undefined ? [] : [{ branch, from, to }];
}

interface MainPlace {
  readonly row: number;
  readonly firstRow: number;
  readonly lastRow: number;
  readonly endsInDot: boolean;
}

function mainLine(x: number, { row, firstRow, lastRow, endsInDot }: MainPlace): string {
  if (row < firstRow) return "";
  return `M${x} ${row === firstRow && endsInDot ? 50 : 0}V${row === lastRow && endsInDot ? 50 : 100}`;
}

/** It leaves at the top of its first row and joins at the bottom of its last. */
function branchLine({ branch, from, to }: Placed, row: number, xOf: (lane: number) => number): string {
  const x = xOf(branch.lane);
  const parent = xOf(branch.parentLane);
  const isFirst = row === from;
  const begin = !isFirst ? `M${x} 0V50` : branch.leaves ? `M${parent} 0C${parent} 30 ${x} 20 ${x} 50` : `M${x} 50`;
  const end = row === to ? `C${x} 80 ${parent} 70 ${parent} 100` : "V100";
  return begin + end;
}

function wordsOf({ isHeading }: Span, here: readonly Placed[], row: number, lane: number): string {
  if (isHeading) return "";
  const own = here.find(({ branch }) => branch.lane === lane && !branch.isSkip);
  const joining = here.filter(({ branch, to }) => to === row && branch.isSkip);
  return [
    ...(own ? [branchWords(own.branch)] : []),
    ...joining.map(({ branch }) => `joined by a ${branchWords(branch)}`),
  ].join(", ");
}

const branchWords = ({ leaves, after }: Branch): string =>
  `branch of ${leaves ? (after ?? "the input") : "another input"}`;
