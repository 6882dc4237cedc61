/**
 * The compiled kernels, typed. Names and arguments are those of `assembly/*.ts`, from which `signatures.ts` is written;
 * addresses and strides are bytes. Both modules have the same functions, so a caller never knows which one it runs on.
 */
import fmaBytes from "./build/fma.wasm";
import plainBytes from "./build/plain.wasm";
import { type Kernels, namedKernels, type PositionalKernels } from "./signatures";

export type KernelModuleName = "fma" | "plain";

/** Which module to run, and whether matrix tiles are 16 columns wide, which changes speed and no bit. */
export interface KernelChoice {
  readonly module: KernelModuleName;
  readonly wide: boolean;
}

const bytesOf: Readonly<Record<KernelModuleName, Uint8Array>> = { fma: fmaBytes, plain: plainBytes };
const compiled = new Map<KernelModuleName, WebAssembly.Module>();

function moduleNamed(name: KernelModuleName): WebAssembly.Module {
  const known = compiled.get(name);
  if (known) return known;
  const fresh = new WebAssembly.Module(bytesOf[name] as Uint8Array<ArrayBuffer>);
  compiled.set(name, fresh);
  return fresh;
}

/** One instance over the given memory. Throws WebAssembly.CompileError where the module's instructions are missing. */
export function instantiateKernels(name: KernelModuleName, memory: WebAssembly.Memory, team?: KernelTeam): Kernels {
  const module = moduleNamed(name);
  const kernels = instantiate(module, memory);
  return namedKernels(team ? team.join(kernels, module, memory) : kernels);
}

export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): PositionalKernels {
  const instance = new WebAssembly.Instance(module, { env: { memory, abort: abortKernel } });
  return instance.exports as unknown as PositionalKernels;
}

/** Several threads over one memory. */
export interface KernelTeam {
  /** The same kernels, each call of which may be divided among the team; the bits are the same. */
  join(kernels: PositionalKernels, module: WebAssembly.Module, memory: WebAssembly.Memory): PositionalKernels;
}

function abortKernel(): never {
  throw new Error("a kernel aborted");
}
