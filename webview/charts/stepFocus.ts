/** What all charts of a view share: the steps shown, the step under the pointer, the pinned step. */
import { zoomedAround } from "../state/zooming";

const WHEEL_SPEED = 0.002;

export interface StepActions {
  /** Null shows everything again. */
  zoom(range: readonly [number, number] | null): void;
  pin(step: number | null): void;
  /** Zoom and pin end; a live panel follows again. */
  reset(): void;
}

export interface StepFollower {
  /** Null when the pointer left. `source` needs no answer. */
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

  /** Turning the wheel with Ctrl (a pinch on a touch pad) zooms; without it the page scrolls. */
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
