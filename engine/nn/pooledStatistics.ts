/** Statistics of samples that were normalized in parts. */
import type { ActivationBuffer } from "./activationBuffer";
import type { Arena } from "./arena";
import { type ChannelStatistics, samplesPerChannel } from "./channelNorm";

interface Pooled {
  readonly arena: Arena;
  readonly channels: number;
  /** Their buffer, how many samples there are, and their statistics. */
  readonly parts: readonly {
    readonly input: ActivationBuffer;
    readonly count: number;
    readonly own: ChannelStatistics;
  }[];
  /** Where the result goes. */
  readonly whole: ChannelStatistics;
}

/** All samples' mean and variance from those of the parts: μ = E[μ_p], σ² = E[σ_p² + (μ_p − μ)²]. */
export function poolStatistics({ arena, channels, parts, whole }: Pooled): void {
  const values = parts.map(({ input, count }) => samplesPerChannel(input, count));
  const total = values.reduce((sum, count) => sum + count, 0);
  const read = parts.map(({ own }, index) => ({
    share: (values[index] ?? 0) / total,
    mean: arena.floats(own.mean, channels),
    variance: arena.floats(own.variance, channels),
  }));
  const [means, variances] = [arena.floats(whole.mean, channels), arena.floats(whole.variance, channels)];
  for (let channel = 0; channel < channels; channel++) {
    const mean = read.reduce((sum, part) => sum + part.share * (part.mean[channel] ?? NaN), 0);
    means[channel] = mean;
    variances[channel] = read.reduce(
      (sum, part) => sum + part.share * ((part.variance[channel] ?? NaN) + ((part.mean[channel] ?? NaN) - mean) ** 2),
      0,
    );
  }
}
