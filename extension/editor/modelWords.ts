/** The words for a layer's size and parameters, the same wherever the editor shows them. Pure. */
import { l10n } from "vscode";
import { thousands } from "../../engine/protocol/numberText";
import type { Shape } from "../../engine/protocol/shape";

/** "16×28×28"; null is an unknown shape. */
export const shapeWords = (shape: Shape | null): string => (shape ? shape.join("×") : l10n.t("shape unknown"));

/** "output 16×28×28". */
export const outputWords = (shape: Shape | null): string =>
  shape ? l10n.t("output {0}", shape.join("×")) : l10n.t("output shape unknown");

/** "1,216 parameters"; null is an unknown count. */
export function parameterWords(count: number | null): string {
  if (count === null) return l10n.t("parameters unknown");
  if (count === 0) return l10n.t("no parameters");
  return count === 1 ? l10n.t("1 parameter") : l10n.t("{0} parameters", thousands(count));
}
