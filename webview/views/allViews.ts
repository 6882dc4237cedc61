/** The views a panel has, in the order of their tabs. */
import type { ViewId } from "../../engine/protocol/judgement";
import { convergence } from "./convergence";
import { drift } from "./drift";
import { gap } from "./gap";
import { overview } from "./overview";
import type { ViewSpec } from "./viewSpec";

export const allViews: readonly ViewSpec[] = [overview, drift, convergence, gap];

/** A saved panel may name a view that is gone. */
export const viewOf = (id: ViewId): ViewSpec => allViews.find((view) => view.id === id) ?? overview;
