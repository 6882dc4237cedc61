// Lint rules. Types are used (a forgotten await is the most common bug in an extension); layout is the formatter's
// (biome.json).
import js from "@eslint/js";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

const CODE = ["engine/**/*.ts", "extension/**/*.ts", "webview/**/*.ts"];
const TESTS = ["test/**/*.ts"];
const PLAIN_JS = ["**/*.mjs", "**/*.cjs"];

/**
 * What a function of numbers may not look at: a run must come out bit for bit the same, on any machine, at any time.
 */
const IMPURE_GLOBALS = [
  "process",
  "performance",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "Date",
  "console",
  "fetch",
  "crypto",
].map((name) => ({
  name,
  message: "engine/nn has no I/O, no clock and no global state: pass the value in.",
}));

export default defineConfig(
  {
    ignores: [
      "dist/",
      "out/",
      "media/",
      "examples/",
      "docs/",
      ".vscode-test/",
      "engine/nn/kernels/assembly/", // AssemblyScript: another language with the same file ending
      "engine/nn/kernels/build/",
      "test/unit/importRules/fixtures/", // wrong on purpose
      "test/golden/**/*.py",
    ],
  },
  js.configs.recommended,
  {
    files: [...CODE, ...TESTS],
    extends: [tseslint.configs.recommendedTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "separate-type-imports" }],
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/no-unnecessary-condition": "off", // fights with noUncheckedIndexedAccess in numeric loops
      "@typescript-eslint/prefer-for-of": "off", // index loops are what numeric code is made of
      // `array[i]!` inside a bounded loop; see noUncheckedIndexedAccess
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/dot-notation": "off", // tsc asks for the brackets (noPropertyAccessFromIndexSignature)
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/consistent-type-definitions": "off", // both have their place
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
    },
  },
  {
    files: CODE,
    rules: {
      "max-lines": ["error", { max: 500, skipBlankLines: true, skipComments: true }],
      "max-lines-per-function": ["error", { max: 75, skipBlankLines: true, skipComments: true }],
      complexity: ["error", { max: 20, variant: "modified" }] /* a switch counts once */,
      "max-depth": ["error", 5],
      "max-params": ["error", 6],
    },
  },
  {
    files: ["engine/**/*.ts", "webview/**/*.ts"],
    ignores: ["engine/cli.ts", "engine/cli/**"],
    rules: { "no-console": "error" },
  },
  {
    // What the formatter can't break: texts, patterns and comments.
    files: ["engine/**/*.ts", "extension/**/*.ts", "webview/**/*.ts"],
    rules: { "max-len": ["error", { code: 120 }] },
  },
  {
    files: ["engine/nn/**/*.ts"],
    rules: {
      // A layer is a factory that holds its forward beside its backward.
      "max-lines-per-function": ["error", { max: 125, skipBlankLines: true, skipComments: true }],
      "no-restricted-globals": ["error", ...IMPURE_GLOBALS],
      "no-restricted-properties": [
        "error",
        { object: "Math", property: "random", message: "Use the seeded generator: the same seed gives the same run." },
      ],
    },
  },
  {
    files: TESTS,
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-unsafe-assignment": "off", // JSON read back in a test
      "@typescript-eslint/no-unsafe-member-access": "off",
      "max-lines": ["error", { max: 650, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    // Types of plain JavaScript are checked by tsc (scripts/tsconfig.json), which also knows the globals.
    files: PLAIN_JS,
    rules: {
      "no-undef": "off",
      "max-lines": ["error", { max: 400 }],
      "max-lines-per-function": ["error", 60],
      "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
    },
  },
  // A suite is one long callback.
  { files: ["**/*.test.mjs", "**/*.uitest.mjs"], rules: { "max-lines-per-function": "off" } },
);
