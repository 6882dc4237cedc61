/** Names of the sample sets that are drawn instead of read. */
export const generatedSetNames = ["digits"] as const;
export type GeneratedSetName = (typeof generatedSetNames)[number];

export const isGeneratedSet = (name: string): name is GeneratedSetName => (generatedSetNames as readonly string[]).includes(name);
