/** The words that annotations are made of. */
export const WORDS = ["add", "remove", "use", "set", "frozen", "min-batch", "domain", "model"] as const;
export const NORMS = ["group", "layer", "instance", "renorm", "ghost", "batch"] as const;
export const SETTINGS = ["momentum", "eps"] as const;
export const CONTRACTS = ["frozen", "min-batch", "domain"] as const;
