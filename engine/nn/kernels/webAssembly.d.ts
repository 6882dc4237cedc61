// The part of WebAssembly that the engine uses, as the DOM library declares it: without the DOM TypeScript knows none.
declare namespace WebAssembly {
  interface MemoryDescriptor {
    initial: number;
    maximum?: number;
    shared: true;
  }
  class Memory {
    constructor(descriptor: MemoryDescriptor);
    readonly buffer: SharedArrayBuffer;
    /** @param delta in pages of 64 KiB. @returns the size before, in pages. */
    grow(delta: number): number;
  }
  class Module {
    constructor(bytes: BufferSource);
    private readonly module: never;
  }
  type BufferSource = ArrayBufferView<ArrayBuffer> | ArrayBuffer;
  type ExportValue = ((...args: never[]) => unknown) | Memory | object;
  type Exports = Record<string, ExportValue>;
  type Imports = Record<string, Record<string, ExportValue | number>>;
  class Instance {
    constructor(module: Module, imports?: Imports);
    readonly exports: Exports;
  }
  class CompileError extends Error {}
  class RuntimeError extends Error {}
  function validate(bytes: BufferSource): boolean;
}
