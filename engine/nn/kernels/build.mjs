/**
 * Compiles the AssemblyScript kernels into two WebAssembly modules: `fma.wasm` (relaxed SIMD, fused multiply-add) and
 * `plain.wasm` (SIMD as every V8 since 2021 has it). Does nothing when both are newer than their sources.
 * `signatures.ts`, the kernels' arguments for TypeScript, is committed, so that types can be checked before anything is
 * built.
 */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { microKernelModule } from "./generateMicroKernels.mjs";
import { readSignatures, signatureModule } from "./kernelSignatures.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const buildFolder = join(here, "build");
const variants = [
  { name: "fma", relaxed: 1 },
  { name: "plain", relaxed: 0 },
];

const newest = (paths) => Math.max(...paths.map((path) => statSync(path).mtimeMs));

function upToDate() {
  const outputs = variants.map((variant) => join(buildFolder, `${variant.name}.wasm`));
  if (!outputs.every((path) => existsSync(path))) return false;
  const assembly = join(here, "assembly");
  const sources = [
    ...readdirSync(assembly).map((name) => join(assembly, name)),
    join(here, "build.mjs"),
    join(here, "generateMicroKernels.mjs"),
  ];
  return newest(sources) < Math.min(...outputs.map((path) => statSync(path).mtimeMs));
}

async function compile(variant, asc) {
  const output = join(buildFolder, `${variant.name}.wasm`);
  const { error, stderr } = await asc.main(
    [
      join(here, "assembly", "index.ts"),
      "--outFile",
      output,
      "--baseDir",
      here,
      "-O3",
      "--noAssert",
      "--runtime",
      "stub",
      "--importMemory",
      "--sharedMemory",
      "--initialMemory",
      "1",
      "--maximumMemory",
      "65536",
      "--enable",
      "threads",
      "--enable",
      "simd",
      ...(variant.relaxed ? ["--enable", "relaxed-simd"] : []),
      "--use",
      `RELAXED=${variant.relaxed}`,
    ],
    { readFile: undefined },
  );
  if (error) throw new Error(`The ${variant.name} kernels do not compile:\n${stderr.toString()}`);
}

function writeSignatures() {
  const path = join(here, "signatures.ts");
  const text = signatureModule(readSignatures(join(here, "assembly")));
  if (!existsSync(path) || readFileSync(path, "utf8") !== text) writeFileSync(path, text);
}

/** Returns whether anything was compiled. */
export async function buildKernels() {
  writeSignatures();
  if (upToDate()) return false;
  const generated = join(buildFolder, "generated");
  mkdirSync(generated, { recursive: true });
  writeFileSync(join(generated, "microKernels.ts"), microKernelModule());
  const asc = await import("assemblyscript/asc");
  for (const variant of variants) await compile(variant, asc);
  return true;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  console.log((await buildKernels()) ? "kernels compiled" : "kernels are up to date");
}
