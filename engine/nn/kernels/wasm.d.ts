/** esbuild's `binary` loader turns a WebAssembly file into its bytes. */
declare module "*.wasm" {
  const bytes: Uint8Array;
  export default bytes;
}
