/** When to draw: at the next frame, and for new data at most four times a second. */

export interface Clock {
  now(): number;
  atNextFrame(draw: () => void): void;
  after(milliseconds: number, draw: () => void): void;
}

const DATA_INTERVAL_MS = 250;

export class RenderSchedule {
  private lastDrawMs = Number.NEGATIVE_INFINITY;
  private frameIsDue = false;
  private dataIsDue = false;

  constructor(
    private readonly clock: Clock,
    private readonly draw: () => void,
  ) {}

  /** For something a person did: draws at the next frame. */
  request(): void {
    if (this.frameIsDue) return;
    this.frameIsDue = true;
    this.clock.atNextFrame(() => {
      this.frameIsDue = false;
      this.lastDrawMs = this.clock.now();
      this.draw();
    });
  }

  /** For new data: draws as soon as the interval allows. */
  requestForData(): void {
    if (this.dataIsDue) return;
    const wait = this.lastDrawMs + DATA_INTERVAL_MS - this.clock.now();
    if (wait <= 0) {
      this.request();
      return;
    }
    this.dataIsDue = true;
    this.clock.after(wait, () => {
      this.dataIsDue = false;
      this.request();
    });
  }
}
