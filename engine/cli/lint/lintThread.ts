/** Both ends of a thread that lints files: this bundle again, started as a worker. */
import { isMainThread, type MessagePort, parentPort, Worker, workerData } from "node:worker_threads";
import { type LintAnswer, Linter, unfinished } from "./linter";

/** Lints one file at a time. */
export interface LintLane {
  lint(path: string, bytes: Uint8Array): Promise<LintAnswer>;
  end(): Promise<unknown>;
}

interface Order {
  readonly path: string;
  readonly bytes: Uint8Array;
}

const MARK = "normlens lint";

/** The thread's own end, when this process part is such a thread. */
export function lintThreadPort(): MessagePort | null {
  return !isMainThread && workerData === MARK ? parentPort : null;
}

export function serveLint(port: MessagePort): void {
  const linter = new Linter();
  port.on("message", ({ path, bytes }: Order) => {
    port.postMessage(linter.lint(path, bytes));
  });
}

/** In the thread of the caller. */
export function laneHere(linter = new Linter()): LintLane {
  return {
    lint: (path, bytes) => Promise.resolve(linter.lint(path, bytes)),
    end: () => Promise.resolve(),
  };
}

/**
 * In a thread of its own, which starts with the first file. A thread that dies takes no file with it: the one that it
 * had is unread, and the next gets a new thread.
 *
 * @param bundle What the thread runs.
 */
export function laneAside(bundle: string): LintLane {
  let worker: Worker | null = null;
  const start = (): Worker => new Worker(bundle, { workerData: MARK });
  return {
    lint: async (path, bytes) => {
      worker ??= start();
      const answer = await answered(worker, { path, bytes });
      if (!(answer instanceof Error)) return answer;
      const broken = worker;
      worker = null;
      await broken.terminate();
      return unfinished(answer.message);
    },
    end: async () => worker?.terminate(),
  };
}

function answered(worker: Worker, order: Order): Promise<LintAnswer | Error> {
  return new Promise((resolve) => {
    const settle = (answer: LintAnswer | Error): void => {
      worker.off("message", settle).off("messageerror", settle).off("error", settle).off("exit", ended);
      resolve(answer);
    };
    const ended = (): void => {
      settle(new Error("its thread ended"));
    };
    worker.on("message", settle).on("messageerror", settle).on("error", settle).on("exit", ended);
    worker.postMessage(order);
  });
}
