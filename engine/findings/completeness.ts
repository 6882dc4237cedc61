/** What may be concluded from a graph in which something is unknown. */
import type { ModelGraph, Unknown } from "../protocol/modelGraph";

/**
 * Unknowns that hide no call: a model that returns no tensor has been followed to its end all the same, frozen
 * parameters are about training, and a Keras layer is called whatever the size of its input.
 * (engine/source words them; test/unit/findings checks that they agree.)
 */
const HIDES_NO_CALL = [
  /^the model's forward returns a (?!function)/,
  /^parameters are frozen here/,
  /^the number of weights of .* is unknown, because the size of its input is unknown$/,
];

const hidesNoCall = ({ reason }: Unknown): boolean => HIDES_NO_CALL.some((pattern) => pattern.test(reason));

/** Every call of the forward pass is in the graph. Only then does "never called" mean anything. */
export function hasEveryCall(graph: ModelGraph): boolean {
  return graph.nodes.length > 0 && graph.unknowns.every(hidesNoCall);
}

/** Every value goes where the graph says, and what the model returns is known: no other value leaves the model. */
export function hasEveryConsumer(graph: ModelGraph): boolean {
  if (graph.outputs.length === 0 || graph.nodes.length === 0) return false;
  return graph.unknowns.every((unknown) => unknown.isOfCall === true || hidesNoCall(unknown));
}
