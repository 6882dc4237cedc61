/** What a panel shows, as the host gets it. */
import type { SeriesNeed } from "../../engine/protocol/series";
import type { Look } from "../protocol";
import type { Selection } from "./panelModel";
import type { Range } from "./store";

export type Wanted = Omit<Look, "id">;

/** Margin around a zoom, so that lines reach the edges of the chart and a small move shows no blank. */
const MARGIN = 0.1;
const POINTS_STEP = 100;
const MOST_POINTS = 4096;

export function wantedLook(
  selection: Selection,
  needs: readonly SeriesNeed[],
  devicePixels: number,
  showsSamples = false,
): Wanted {
  return {
    needs,
    selectedLayer: selection.selectedLayer,
    pinnedStep: selection.pinnedStep,
    range: selection.zoom && widened(selection.zoom),
    points: pointsFor(devicePixels),
    showsSamples,
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

/** A zoom that has not moved for this long has ended. */
const STILL_MS = 120;

const onlyPinMoved = (a: Wanted, b: Wanted): boolean =>
  a.pinnedStep !== b.pinnedStep && looksAlike(a, { ...b, pinnedStep: a.pinnedStep });

/** Compares everything except the needs. Samples that are no longer shown may stay. */
const looksAlike = (next: Wanted, sent: Wanted): boolean =>
  placeOf(next) === placeOf(sent) && (sent.showsSamples === true || next.showsSamples !== true);
const placeOf = ({ selectedLayer, pinnedStep, range, points }: Wanted): string =>
  JSON.stringify([selectedLayer, pinnedStep, range, points]);

/**
 * Limits requests to the host: during a zoom, which changes sixty times a second, the newest look is sent when the zoom
 * has ended; until then charts move with the points they have. While the pinned step is dragged, the next one is sent
 * when the last was answered. All other looks are sent at once.
 */
export class LookSender {
  private id = 0;
  private sentKey = "";
  private wantedAt = Number.NEGATIVE_INFINITY;
  private sent: Look | null = null;
  /** The id of a look that only moved the pinned step and is not answered yet. */
  private unanswered: number | null = null;
  private next: Wanted | null = null;

  constructor(
    private readonly clock: LookClock,
    private readonly send: (look: Look) => void,
    /** The part of what is wanted that the host has to send. */
    private readonly missing: (wanted: Wanted) => readonly SeriesNeed[] = ({ needs }) => needs,
  ) {}

  /** The look that was sent last. */
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
    this.wantedAt = this.clock.now();
    // Only a zoom and a pin that is dragged change with every frame; another view or layer is requested at once.
    const isZooming = JSON.stringify(wanted.range) !== JSON.stringify(this.sent?.range ?? null);
    const isScrubbing = this.unanswered !== null && this.sent !== null && onlyPinMoved(wanted, this.sent);
    if (isScrubbing) return;
    if (!isZooming) this.sendNext();
    else if (!isWaiting) this.sendWhenStill();
  }

  /** The host has answered a look: a step that was pinned meanwhile can be asked for. */
  answered(id: number): void {
    if (this.unanswered === null || id < this.unanswered) return;
    this.unanswered = null;
    this.sendNext();
  }

  private sendWhenStill(): void {
    const wait = this.wantedAt + STILL_MS - this.clock.now();
    if (wait <= 0) this.sendNext();
    else this.clock.after(wait, () => this.sendWhenStill());
  }

  private sendNext(): void {
    const { next } = this;
    if (!next) return;
    this.next = null;
    this.sentKey = JSON.stringify(next);
    const needs = this.missing(next);
    if (needs.length === 0 && this.sent !== null && looksAlike(next, this.sent)) return;
    this.unanswered = this.sent !== null && onlyPinMoved(next, this.sent) ? this.id + 1 : null;
    this.sent = { id: ++this.id, ...next, needs };
    this.send(this.sent);
  }

  /** The same look with all its needs, for a host that has to send everything again. */
  again(wanted: Wanted): Look {
    this.sentKey = JSON.stringify(wanted);
    this.sent = { id: ++this.id, ...wanted };
    return this.sent;
  }
}
