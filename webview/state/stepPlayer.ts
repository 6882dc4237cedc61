/** Plays through a run: the pinned step moves from where it is to the end. */

export interface PlayerParts {
  after(milliseconds: number, act: () => void): void;
  /** Null is the newest step again. */
  pin(step: number | null): void;
  lastStep(): number;
}

const FRAME_MS = 100;
/** However long a run is, it is shown in so many pictures. */
const PICTURES = 80;

export class StepPlayer {
  /** Of the playing that goes on; another number when it was stopped or begun again. */
  private current = 0;
  private at: number | null = null;

  constructor(private readonly parts: PlayerParts) {}

  get isPlaying(): boolean {
    return this.at !== null;
  }

  /** From `step`; from the start where that is the end, or nothing is pinned. */
  play(step: number | null): void {
    this.at = step !== null && step < this.parts.lastStep() ? step : 0;
    this.current += 1;
    this.show(this.current);
  }

  stop(): void {
    this.at = null;
    this.current += 1;
  }

  private show(own: number): void {
    const { at, parts } = this;
    if (at === null || own !== this.current) return;
    const last = parts.lastStep();
    if (at >= last) {
      this.stop();
      parts.pin(null);
      return;
    }
    parts.pin(at);
    this.at = Math.min(last, at + Math.max(1, Math.round(last / PICTURES)));
    parts.after(FRAME_MS, () => this.show(own));
  }
}
