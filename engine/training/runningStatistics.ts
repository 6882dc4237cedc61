import type { NormState } from "../nn/channelNorm";

/** The running statistics of one layer, those of instance normalization included. */
export interface RunningStatistics {
  readonly name: string;
  readonly channels: number;
  readonly state: NormState;
}
