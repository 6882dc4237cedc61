/** The views a panel can have, in the order of their tabs. */
import type { ViewId } from "../../engine/protocol/judgement";
import type { RunModel } from "../state/runModel";
import { compare } from "./compare";
import { convergence } from "./convergence";
import { drift } from "./drift";
import { findings } from "./findings";
import { gap } from "./gap";
import { health } from "./health";
import { overview } from "./overview";
import { ranks } from "./ranks";
import type { ViewSpec } from "./viewSpec";

export const allViews: readonly ViewSpec[] = [overview, drift, convergence, gap, health, ranks, findings, compare];

/** The views that these runs have. */
export const viewsFor = (runs: readonly RunModel[]): readonly ViewSpec[] =>
  allViews.filter(({ isFor }) => isFor?.(runs) ?? true);

/** A saved panel may name a view that is gone, or one that its runs do not have. */
export const viewOf = (id: ViewId, runs: readonly RunModel[] = []): ViewSpec =>
  (runs.length > 0 ? viewsFor(runs) : allViews).find((view) => view.id === id) ?? overview;
