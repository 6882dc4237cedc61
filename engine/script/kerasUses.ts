/** Uses of a Keras model that train or evaluate it: its methods, and calls with `training=`. */
import { recordCall } from "./recordCall";
import type { TracedCall, Tracing } from "./tracing";
import type { Args, Site, TracedValue } from "./tracedValues";

const TRAINS = /^(fit|fit_generator|train_on_batch)$/;
const EVALUATES = /^(evaluate|evaluate_generator|predict|predict_generator|test_on_batch|predict_on_batch)$/;

/** A call of a model itself is recorded under this name. */
const CALL = "training";

/** Calls with the model as their result. */
export const isModelCall = ({ path }: TracedCall): boolean => path === CALL;
export const isKerasTraining = (use: TracedCall): boolean => TRAINS.test(use.path) || isModelCall(use);
export const isKerasEvaluation = ({ path }: TracedCall): boolean => EVALUATES.test(path);

const isUse = (name: string): boolean => TRAINS.test(name) || EVALUATES.test(name);

export function noteKerasUse(tracing: Tracing, callee: TracedValue, args: Args, site: Site): void {
  if (callee.kind === "method" && callee.self.kind === "object" && isUse(callee.name))
    recordCall(tracing, callee.name, args, callee.self, site);
  if (callee.kind !== "object" && callee.kind !== "unknown") return;
  const method = callee.kind === "unknown" && callee.owner !== undefined ? [...callee.names].find(isUse) : undefined;
  if (method !== undefined) recordCall(tracing, method, args, callee, site);
  else if (args.keyword.has("training")) recordCall(tracing, CALL, args, callee, site);
}
