/** Pause, resume and stop for one loop: requests take effect between two steps. */
import type { LoopControl } from "./trainLoop";

export class RunControl implements LoopControl {
  private stopping = false;
  private resumed: Promise<void> | null = null;
  private wake: () => void = () => undefined;

  get stopRequested(): boolean {
    return this.stopping;
  }

  get isPaused(): boolean {
    return this.resumed !== null;
  }

  get isHeld(): boolean {
    return this.stopping || this.isPaused;
  }

  whilePaused(): Promise<void> {
    return this.resumed ?? Promise.resolve();
  }

  pause(): void {
    if (this.resumed || this.stopping) return;
    this.resumed = new Promise((resolve) => (this.wake = resolve));
  }

  resume(): void {
    this.resumed = null;
    this.wake();
  }

  stop(): void {
    this.stopping = true;
    this.resume();
  }
}
