/** What all charts of a view share: the steps shown, the step under the pointer, the pinned step. */
import { zoomedAround } from "../state/zooming";

const WHEEL_SPEED = 0.002;

export interface StepActions {
  /** Null shows everything again. */
  zoom(range: readonly [number, number] | null): void;
  pin(step: number | null): void;
  /** Clears zoom and pin; the panel of a live run follows its newest step again. */
  reset(): void;
}

export interface StepFollower {
  /** `step` is null when the pointer left. `source` is the follower that reported the step. */
  hovered(step: number | null, source: StepFollower | null): void;
}

export class StepFocus {
  range: readonly [number, number] = [0, 1];
  /** The last step there is. */
  last = 1;
  pinned: number | null = null;
  hoveredStep: number | null = null;
  private readonly followers = new Set<StepFollower>();

  constructor(readonly actions: StepActions) {}

  follow(follower: StepFollower): () => void {
    this.followers.add(follower);
    return () => this.followers.delete(follower);
  }

  /** The wheel with Ctrl (or a pinch on a touch pad) zooms; without Ctrl the page scrolls. */
  wheel(event: WheelEvent, step: number): void {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.actions.zoom(zoomedAround(this.range, step, Math.exp(event.deltaY * WHEEL_SPEED), this.last));
  }

  hover(step: number | null, source: StepFollower | null): void {
    if (step === this.hoveredStep) return;
    this.hoveredStep = step;
    for (const follower of this.followers) follower.hovered(step, source);
  }
}
