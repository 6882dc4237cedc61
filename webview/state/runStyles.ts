/** How runs are distinguished where several are shown: a letter, a colour, a dash and a mark. */
import { runLetter } from "../../engine/protocol/judgement";
import type { RunColor } from "../theme";

export interface RunStyle {
  readonly letter: string;
  readonly color: RunColor;
  readonly dash: readonly number[];
  readonly mark: string;
}

const styles: readonly Omit<RunStyle, "letter">[] = [
  { color: "runA", dash: [], mark: "●" },
  { color: "runB", dash: [6, 4], mark: "○" },
  { color: "runC", dash: [1.5, 3], mark: "▲" },
  { color: "runD", dash: [8, 3, 1.5, 3], mark: "◆" },
  { color: "runE", dash: [1, 4], mark: "■" },
];
/** More colours would be hard to distinguish, so from the sixth run on only the letter differs. */
const other: Omit<RunStyle, "letter"> = { color: "runOther", dash: [], mark: "·" };

export const runStyle = (index: number): RunStyle => ({ ...(styles[index] ?? other), letter: runLetter(index) });
