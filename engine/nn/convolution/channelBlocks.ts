/**
 * How a grouped convolution becomes dense ones. Group g takes inputs g·inPerGroup … and gives outputs g·outPerGroup …
 * (torch.nn.Conv2d, "groups"). Kernels work on eight columns at a time, so as many groups as it takes to fill whole
 * columns on both sides are one block: a dense product in which the weights between different groups are zero.
 */

export interface ChannelBlock {
  readonly inputStart: number;
  /** Stored weight rows of one tap. */
  readonly inputRows: number;
  /** Without padding. */
  readonly inputChannels: number;
  readonly outputStart: number;
  /** A multiple of 8. */
  readonly outputColumns: number;
  readonly outputChannels: number;
  /** Of the block's weights among the layer's, in floats. */
  readonly offset: number;
}

export interface GroupedChannels {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly groups: number;
  /** Channels of a position of the input as it is stored: padded to 8, or not at all. */
  readonly inputColumns: number;
  readonly outputColumns: number;
  readonly taps: number;
}

export function channelBlocks({
  inChannels,
  outChannels,
  groups,
  inputColumns,
  outputColumns,
  taps,
}: GroupedChannels): ChannelBlock[] {
  const inPerGroup = inChannels / groups;
  const outPerGroup = outChannels / groups;
  const together = Math.max(groupsToFill(inPerGroup), groupsToFill(outPerGroup));
  const blocks: ChannelBlock[] = [];
  let offset = 0;
  for (let group = 0; group < groups; group += together) {
    const inputStart = group * inPerGroup;
    const outputStart = group * outPerGroup;
    const isLast = group + together >= groups;
    const block: ChannelBlock = {
      inputStart,
      inputRows: isLast ? inputColumns - inputStart : together * inPerGroup,
      inputChannels: Math.min(together * inPerGroup, inChannels - inputStart),
      outputStart,
      outputColumns: isLast ? outputColumns - outputStart : together * outPerGroup,
      outputChannels: Math.min(together * outPerGroup, outChannels - outputStart),
      offset,
    };
    blocks.push(block);
    offset += taps * block.inputRows * block.outputColumns;
  }
  return blocks;
}

/** The smallest number of groups whose channels are a multiple of 8; a power of two. */
function groupsToFill(perGroup: number): number {
  let groups = 1;
  while ((groups * perGroup) % 8 !== 0) groups *= 2;
  return groups;
}
