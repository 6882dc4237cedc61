/** How many updates a layer's running statistics still need, for the column of that name. */
import type { LayerReading } from "../../engine/protocol/judgement";
import { UNKNOWN, thousands } from "../ui/format";
import type { ViewFrame } from "./viewSpec";

/** A distance below this, in σ, is worth no word. */
const CLOSE_ENOUGH = 0.1;

/** The distance shrinks by (1 − m) an update, as far as the weights hold still. */
export function updatesUntil(distance: number, target: number, updateWeight: number): number {
  if (!(distance > target) || !(target > 0) || updateWeight >= 1) return 0;
  return Math.ceil(Math.log(target / distance) / Math.log(1 - updateWeight));
}

export function updatesLeftOf(
  { id, distance, distanceFloor, distanceSeverity }: LayerReading,
  { run }: ViewFrame,
): string {
  const weight = run.layerOf(id)?.norm.updateWeight;
  if (typeof weight !== "number" || distanceSeverity === "unknown") return UNKNOWN;
  if (distanceSeverity === "ok") return "settled";
  const floor = Number.isFinite(distanceFloor) ? distanceFloor : 0;
  return `${thousands(updatesUntil(distance, Math.max(CLOSE_ENOUGH, floor), weight))} more`;
}
