/** Whether the machine has time for helpers: where other programs hold the cores, waiting for a helper costs more than it does. */

/** So many divided calls are looked at together. */
const WATCHED_CALLS = 256;
/** With more late ones than this among them the next calls are done alone. */
const LATE_CALLS = 8;
const FIRST_REST = 4096;
const LONGEST_REST = 1 << 18;

export class BusyWatch {
  private calls = 0;
  private late = 0;
  private rest = 0;
  private nextRest = FIRST_REST;

  /** Asked before each call; calls in a rest are counted. */
  isBusy(): boolean {
    if (this.rest === 0) return false;
    this.rest -= 1;
    return true;
  }

  /** Tells of a divided call, and whether some helper was late. */
  divided(isLate: boolean): void {
    this.calls += 1;
    if (isLate) this.late += 1;
    if (this.late <= LATE_CALLS && this.calls < WATCHED_CALLS) return;
    if (this.late > LATE_CALLS) {
      this.rest = this.nextRest;
      this.nextRest = Math.min(this.nextRest * 2, LONGEST_REST);
    } else {
      this.nextRest = FIRST_REST;
    }
    this.calls = 0;
    this.late = 0;
  }
}
