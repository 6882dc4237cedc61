/**
 * Whether the machine has time for helpers: where other programs use the cores, waiting for a helper costs more than
 * it does.
 */

/** So many divided calls are looked at together. */
const WATCHED_CALLS = 256;
/** With more late ones than this among them, the next calls are done alone for a while. */
const LATE_CALLS = 4;
const FIRST_REST_MS = 10;
/** On a machine that stays busy, looking again costs some late calls: a few per cent of this. */
const LONGEST_REST_MS = 1000;

export class BusyWatch {
  private calls = 0;
  private late = 0;
  /** 0 when dividing is fine: then no clock is read. */
  private restsUntilMs = 0;
  private nextRestMs = FIRST_REST_MS;

  constructor(private readonly clock: () => number = () => performance.now()) {}

  /** Whether a call is better done alone now. */
  isBusy(): boolean {
    if (this.restsUntilMs === 0) return false;
    if (this.clock() < this.restsUntilMs) return true;
    this.restsUntilMs = 0;
    return false;
  }

  /** Tells of a divided call that has just ended, and whether some helper was late. */
  divided(isLate: boolean): void {
    this.calls += 1;
    if (isLate) this.late += 1;
    if (this.late > LATE_CALLS) {
      this.restsUntilMs = this.clock() + this.nextRestMs;
      this.nextRestMs = Math.min(this.nextRestMs * 2, LONGEST_REST_MS);
    } else if (this.calls === WATCHED_CALLS) {
      this.nextRestMs = FIRST_REST_MS;
    } else {
      return;
    }
    this.calls = 0;
    this.late = 0;
  }
}
