/** What the models of Transformers have besides a module's methods. */
export const MODEL_METHODS = new Set(["post_init", "init_weights", "tie_weights", "gradient_checkpointing_enable"]);
