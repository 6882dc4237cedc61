/**
 * Several threads at one training step: each larger call of a kernel is divided among them, and all are done before the
 * next begins. What is not worth dividing the calling thread does alone. The bits do not depend on who did what.
 */
import { Worker } from "node:worker_threads";
import { axisToDivide, divisibleKernels, writePart } from "../../nn/kernels/division";
import type { DivisibleKernel } from "../../nn/kernels/divisions";
import type { KernelTeam } from "../../nn/kernels/kernels";
import type { PositionalKernels } from "../../nn/kernels/signatures";
import { HelperChannel, type HelperData } from "./channel";
import { BusyWatch } from "./busyWatch";

type Call = (...args: number[]) => unknown;

interface Helper {
  readonly channel: HelperChannel;
  readonly worker: Worker;
}

export class ThreadTeam implements KernelTeam {
  private readonly starting: Helper[] = [];
  private readonly helpers: Helper[] = [];
  private readonly watch = new BusyWatch();
  /** Calls that were divided. */
  divided = 0;
  /** Why a helper could not start or ended early. */
  refusal: string | null = null;
  private shared: Omit<HelperData, "channel"> | null = null;

  /** `threads` counts the calling one; `workerFile` is the bundle of `kernelWorker.ts`. */
  constructor(
    private readonly threads: number,
    private readonly workerFile: string,
  ) {}

  join(kernels: PositionalKernels, module: WebAssembly.Module, arena: WebAssembly.Memory): PositionalKernels {
    if (this.threads < 2) return kernels;
    this.shared = { module, arena };
    const divided = divisibleKernels.map((name, index) => [name, this.dividing(index, name, kernels[name])]);
    return { ...kernels, ...(Object.fromEntries(divided) as Partial<PositionalKernels>) };
  }

  /** Helpers begin to start: until they are there, and where a thread is refused, calls are done alone. */
  start(): void {
    if (this.shared === null) return;
    for (let helper = 1; helper < this.threads; helper++) this.startHelper(this.shared);
  }

  /** Threads that take part now. */
  get size(): number {
    this.welcome();
    return 1 + this.helpers.length;
  }

  stop(): void {
    for (const { channel } of [...this.starting.splice(0), ...this.helpers.splice(0)]) channel.end();
  }

  private startHelper(parts: Omit<HelperData, "channel">): void {
    const channel = new HelperChannel();
    const data: HelperData = { ...parts, channel: channel.memory };
    try {
      const helper = { channel, worker: new Worker(this.workerFile, { workerData: data }) };
      helper.worker.unref();
      helper.worker.on("error", (error) => this.lose(helper, error));
      this.starting.push(helper);
    } catch (error) {
      this.lose(null, error);
    }
  }

  private lose(helper: Helper | null, error: unknown): void {
    this.refusal = error instanceof Error ? error.message : String(error);
    if (helper) for (const list of [this.starting, this.helpers]) remove(list, helper);
  }

  /** Those that have started meanwhile. */
  private welcome(): void {
    for (const helper of this.starting.filter(({ channel }) => channel.isReady)) {
      remove(this.starting, helper);
      this.helpers.push(helper);
    }
  }

  private dividing(index: number, name: DivisibleKernel, kernel: Call): Call {
    const own: number[] = [];
    return (...args) => {
      if (this.starting.length > 0) this.welcome();
      const { helpers } = this;
      const parts = helpers.length + 1;
      const axis = parts === 1 ? null : axisToDivide(name, args, parts);
      if (axis === null || this.watch.isBusy()) return kernel(...args);
      for (let part = 1; part < parts; part++) {
        const { channel } = helpers[part - 1]!;
        if (writePart(axis, args, part, parts, channel.arguments)) channel.ask(index, args.length);
      }
      if (writePart(axis, args, 0, parts, own)) kernel(...own);
      let isLate = false;
      for (const { channel } of helpers) if (channel.awaitDone()) isLate = true;
      this.watch.divided(isLate);
      this.divided += 1;
      return undefined;
    };
  }
}

function remove<T>(list: T[], value: T): void {
  const index = list.indexOf(value);
  if (index >= 0) list.splice(index, 1);
}
