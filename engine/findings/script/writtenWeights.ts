/** What rules about weights that are written into a network have in common. */
import type { ObjectValue } from "../../script/tracedValues";
import type { Place } from "../../script/tracing";
import type { ScriptContext } from "./scriptContext";

/** Buffers, or a whole state, are written into the network as well. */
export function movesStatistics({ trace }: ScriptContext, module: ObjectValue): boolean {
  return trace.transfers.some(
    ({ to, from, what }) => to === module && from !== null && (what === "buffers" || what === "state"),
  );
}

/** A function that puts any weights into any network is not at fault: what calls it with these is. */
export function callerOf(place: Place): Place {
  const frame = place.frames.at(-1);
  if (frame?.call === undefined || frame.call === null || frame.node?.kind !== "function") return place;
  const [first, second] = frame.node.parameters;
  const takesWeights = first !== undefined && first.name !== "self" && second !== undefined;
  return takesWeights ? { ...place, site: frame.call, frames: place.frames.slice(0, -1) } : place;
}
