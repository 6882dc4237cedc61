/** What a panel looks at, as it tells the host. */
import type { SeriesNeed } from "../../engine/protocol/series";
import type { Look } from "../protocol";
import type { Selection } from "./panelModel";
import type { Range } from "./store";

export type Wanted = Omit<Look, "id">;

/** Beyond the edges of a zoom, so that lines leave the picture where they should and a small move shows no blank. */
const MARGIN = 0.1;
const POINTS_STEP = 100;
const MOST_POINTS = 4096;

export function wantedLook(selection: Selection, needs: readonly SeriesNeed[], devicePixels: number): Wanted {
  return {
    needs,
    selectedLayer: selection.selectedLayer,
    pinnedStep: selection.pinnedStep,
    range: selection.zoom && widened(selection.zoom),
    points: pointsFor(devicePixels),
  };
}

function widened([from, to]: Range): Range {
  const margin = Math.ceil(MARGIN * (to - from));
  return [Math.max(0, from - margin), to + margin];
}

const pointsFor = (devicePixels: number): number =>
  Math.max(POINTS_STEP, Math.min(MOST_POINTS, Math.ceil(devicePixels / POINTS_STEP) * POINTS_STEP));

export interface LookClock {
  now(): number;
  after(milliseconds: number, act: () => void): void;
}

const BETWEEN_LOOKS_MS = 120;

/**
 * Keeps the host from being asked sixty times a second while somebody drags: the first look goes out at once, then the
 * newest every now and then. Between them charts move with the points they have.
 */
export class LookSender {
  private id = 0;
  private sentKey = "";
  private sentAt = Number.NEGATIVE_INFINITY;
  private sent: Look | null = null;
  private next: Wanted | null = null;

  constructor(
    private readonly clock: LookClock,
    private readonly send: (look: Look) => void,
  ) {}

  /** The look the host was told last. */
  get current(): Look | null {
    return this.sent;
  }

  want(wanted: Wanted): void {
    if (JSON.stringify(wanted) === this.sentKey) {
      this.next = null;
      return;
    }
    const isWaiting = this.next !== null;
    this.next = wanted;
    const wait = this.sentAt + BETWEEN_LOOKS_MS - this.clock.now();
    if (wait <= 0) this.sendNext();
    else if (!isWaiting) this.clock.after(wait, () => this.sendNext());
  }

  private sendNext(): void {
    const { next } = this;
    if (!next) return;
    this.next = null;
    this.sentKey = JSON.stringify(next);
    this.sentAt = this.clock.now();
    this.sent = { id: ++this.id, ...next };
    this.send(this.sent);
  }
}
