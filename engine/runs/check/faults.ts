/** What a check of a run finds: faults to fix, and notes. */
import type { NumbersDamage } from "../../protocol/numbers";

export type FaultCode =
  | "unreadable"
  | "no-run-record"
  | "newer-version"
  | "bad-line"
  | "unfinished-line"
  | "layer-twice"
  | "unknown-layer"
  | "steps-decrease"
  | "after-end"
  | NumbersDamage["kind"]
  | "table-shape"
  | "not-normalization"
  | "negative-variance"
  | "quantiles-disordered"
  | "not-a-share"
  | "rank-missing"
  | "rank-unexpected"
  | "bad-heartbeat"
  | "no-sign-of-life";

/** Something about a place in a file: a line from 1, or an offset in bytes, where there is one. */
export interface Remark {
  readonly file: string;
  readonly line: number | null;
  readonly offset: number | null;
  readonly sentence: string;
}

export interface Fault extends Remark {
  readonly code: FaultCode;
}

/** Collects what is said of one file. */
export class Remarks {
  readonly faults: Fault[] = [];
  readonly notes: Remark[] = [];

  fault(code: FaultCode, file: string, place: { line?: number; offset?: number }, sentence: string): void {
    this.faults.push({ code, file, line: place.line ?? null, offset: place.offset ?? null, sentence });
  }

  note(file: string, place: { line?: number }, sentence: string): void {
    this.notes.push({ file, line: place.line ?? null, offset: null, sentence });
  }
}
