/** What only a person at a terminal gets: colours and a line of progress. Pipes and files get plain text. */
import { styleText } from "node:util";
import { thousands } from "../protocol/numberText";

/** A stream as far as it matters here. */
interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

type Style = Parameters<typeof styleText>[0];
export type Styled = (style: Style, text: string) => string;

export const plain: Styled = (_style, text) => text;

/** NO_COLOR (no-color.org) and FORCE_COLOR come first, then whether the stream is a terminal that knows colours. */
export function styledFor({ isTTY }: Pick<Output, "isTTY">, env: NodeJS.ProcessEnv = process.env): Styled {
  const { NO_COLOR, FORCE_COLOR, TERM } = env;
  if (NO_COLOR || FORCE_COLOR === "0" || FORCE_COLOR === "false") return plain;
  return FORCE_COLOR || (isTTY === true && TERM !== "dumb") ? styleText : plain;
}

export interface Progress {
  readonly show: (done: number, all: number) => void;
  /** Takes the line away, so that the result is alone. */
  readonly clear: () => void;
}

export const noProgress: Progress = { show: () => undefined, clear: () => undefined };

const INTERVAL_MS = 1000;
const CLEAR_LINE = "\r\u001b[2K";

/** One line that is written over at most once a second; nothing where the stream is no terminal. */
export function progressOn(
  stream: Output,
  what: "Step" | "File" = "Step",
  nowMs: () => number = () => performance.now(),
): Progress {
  if (stream.isTTY !== true) return noProgress;
  let lastMs = nowMs();
  return {
    show: (done, all) => {
      if (nowMs() - lastMs < INTERVAL_MS) return;
      lastMs = nowMs();
      stream.write(`${CLEAR_LINE}${what} ${thousands(done)} of ${thousands(all)}`);
    },
    clear: () => void stream.write(CLEAR_LINE),
  };
}
