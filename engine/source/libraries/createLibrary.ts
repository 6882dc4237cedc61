import { settingsFunctions } from "./settingsFiles";
import { documentedPath } from "../../python/libraryNames";
import { isModule } from "../interpreter/aboutValues";
import { bool, library, unknown, unknownPlain } from "../interpreter/newValues";
import type { Value } from "../interpreter/values";
import type { Library, LibraryFunction, ModuleConstructor } from "../interpreter/machine";
import { kerasAttribute, symbolicAttribute } from "../keras/kerasAttributes";
import { callAnytime, callKeras, isKeras } from "../keras/callKeras";
import { kerasConstructor, kerasFunction, plainKerasFunction } from "../keras/kerasLibrary";
import { symbolicMethod, symbolicOperator, symbolicSubscript } from "../keras/operations";
import { kerasPath } from "../keras/paths";
import { missingImports } from "../keras/missingImports";
import { isSymbolic } from "../keras/recordCall";
import { eitherTensor, unfollowedCall } from "../keras/unfollowed";
import { keywordModule } from "../keras/keywordModules";
import { tryOut } from "../torch/tryOut";
import { callModule } from "../torch/callModule";
import { generalFunctions, generalMethods } from "../torch/generalOperations";
import { weightedFunctions } from "../torch/functionalLayers";
import { functionalFunctions, functionalMethods } from "../torch/functionalTable";
import { inPlaceForm, tensorAugmented, tensorItemAssigned, unfollowedInPlace } from "../torch/inPlace";
import { layerConstructors } from "../torch/torchLayerTable";
import { mayHave } from "../torch/containers";
import { moduleConstructors, moduleMethods } from "../torch/modules";
import { namedLayer } from "../torch/namedLayers";
import { NUMERIC_FUNCTIONS, NUMERIC_METHODS, numericFactory, orNumeric } from "../torch/numericTensor";
import { factory, factoryMethods, factoryShapes } from "../torch/tensorFactories";
import { joining } from "../torch/joining";
import { padding } from "../torch/padding";
import { operationFunctions, operationMethods } from "../torch/tensorOperations";
import { tensorElements } from "../torch/selection";
import { elementsOf } from "../interpreter/truth";
import { tensorAttribute, tensorOperator, tensorSubscript } from "../torch/tensorOperators";
import { argparseFunctions } from "./argparse";
import { builtinFunctions } from "./builtins";
import { dataclassFunctions } from "./dataclasses";
import { einopsFunctions, einopsLayers } from "./einops";
import { transformersFunctions, transformersModels, transformersOutput } from "./transformers";
import { inspectionFunctions } from "./inspection";
import { initializers } from "../torch/initializers";
import { reparametrizations } from "../torch/reparametrizations";
import { builtinConstants, standardConstants, standardFunctions } from "./standard";

/** torch.nn.Parameter and torch.nn.parameter.Parameter. */
const parameter: LibraryFunction = ({ args }) => {
  const value = args.positional[0] ?? args.keywords.get("data");
  if (value?.kind === "unknown" && !value.isPlain) return value;
  // One that is not trained is among the model's parameters all the same.
  return { kind: "tensor", node: null, shape: value?.kind === "tensor" ? value.shape : null, isParameter: true };
};

const notRead: LibraryFunction = ({ path, range }) => unknownPlain(`NormLens does not follow ${path}`, range);

const torchFunctions: ReadonlyMap<string, LibraryFunction> = new Map<string, LibraryFunction>([
  ["torch.nn.Parameter", parameter],
  // Since PyTorch 0.4 a Variable is the tensor it wraps.
  [
    "torch.autograd.Variable",
    ({ args, range }) => args.positional[0] ?? unknown("this Variable wraps no value", range),
  ],
  ["torch.nn.functional.pad", padding],
  ...Object.keys(factoryShapes).map((name) => [`torch.${name}`, factory(name)] as const),
  ...(["linspace", "arange", "tensor"] as const).map(
    (name) => [`torch.${name}`, numericFactory(name, factory(name))] as const,
  ),
  ...(["linspace", "arange", "array"] as const).map(
    (name) => [`numpy.${name}`, numericFactory(name, notRead)] as const,
  ),
  ...NUMERIC_FUNCTIONS.map((name) => {
    const path = `numpy.${name === "pow" ? "power" : name}`;
    return [path, orNumeric(name, standardFunctions.get(path) ?? notRead)] as const;
  }),
  ...["cat", "stack", "concat", "concatenate"].map((name) => [`torch.${name}`, joining(name)] as const),
  // The forward pass is followed as Python runs it.
  ...["torch.jit.is_scripting", "torch.jit.is_tracing", "torch.onnx.is_in_onnx_export"].map(
    (path) => [path, () => bool(false)] as const,
  ),
  ["torch.cuda.is_available", ({ range }) => unknownPlain("it depends on whether there is a GPU", range)],
]);

const functions: ReadonlyMap<string, LibraryFunction> = new Map([
  ...builtinFunctions,
  ...standardFunctions,
  ...argparseFunctions,
  ...inspectionFunctions,
  ...settingsFunctions,
  ...dataclassFunctions,
  ...initializers,
  ...reparametrizations,
  ...generalFunctions,
  ...operationFunctions,
  ...functionalFunctions,
  ...weightedFunctions,
  ...einopsFunctions,
  ...transformersFunctions,
  ...torchFunctions,
]);

const tensorMethods: ReadonlyMap<string, LibraryFunction> = new Map([
  ...generalMethods,
  ...functionalMethods,
  ...operationMethods,
  ...factoryMethods,
]);

/** What is computed with a tensor's values is a number, and no layer. */
const valuesUnknown: LibraryFunction = ({ path, range }) =>
  unknownPlain(`the result of ${path} depends on a tensor's values`, range);

/** Operations on small tensors of known numbers, in front of those that only follow where tensors go. */
const numericFunctions: ReadonlyMap<string, LibraryFunction> = new Map(
  NUMERIC_FUNCTIONS.map(
    (name) => [`torch.${name}`, orNumeric(name, functions.get(`torch.${name}`) ?? valuesUnknown)] as const,
  ),
);

const numericMethods: ReadonlyMap<string, LibraryFunction> = new Map(
  NUMERIC_METHODS.map((name) => [name, orNumeric(name, tensorMethods.get(name) ?? valuesUnknown)] as const),
);

/** Layers of other libraries that are followed by themselves. */
const libraryLayers: ReadonlyMap<string, ModuleConstructor> = new Map([...einopsLayers, ...transformersModels]);

const constants: ReadonlyMap<string, Value> = new Map([...standardConstants, ...builtinConstants]);

/** Names that are used as types or raised, and otherwise mean nothing to a model. */
const BUILTIN_NAMES = new Set(
  (
    "object Exception ValueError TypeError NotImplementedError RuntimeError KeyError IndexError " +
    "AttributeError AssertionError ImportError ModuleNotFoundError StopIteration OSError FileNotFoundError " +
    "Warning UserWarning DeprecationWarning staticmethod classmethod property iter next id hash slice " +
    "bytes complex divmod pow open input exit quit vars dir globals locals " +
    "format chr ord __file__ __doc__"
  ).split(" "),
);

/** `torch.relu_`, `F.elu_`. */
function inPlaceFunction(path: string): LibraryFunction | null {
  const [, prefix, name] = /^(torch\.(?:nn\.functional\.)?)(\w+_)$/.exec(path) ?? [];
  return prefix === undefined || name === undefined
    ? null
    : inPlaceForm(name, (plain) => functions.get(prefix + plain));
}

function tensorMethod(name: string): LibraryFunction | null {
  const method = numericMethods.get(name) ?? tensorMethods.get(name);
  if (method !== undefined) return method;
  const inPlace = inPlaceForm(name, (plain) => tensorMethods.get(plain));
  return inPlace ?? (/^[a-z]\w*[a-z\d]_$/.test(name) ? unfollowedInPlace : null);
}

/** A method of Keras's symbolic tensors, of PyTorch's tensors, or of both. */
function anyTensorMethod(name: string): LibraryFunction | null {
  const symbolic = symbolicMethod(name);
  const plain = tensorMethod(name);
  if (symbolic === null || plain === null) return symbolic ?? plain;
  return (call) =>
    call.args.positional[0] !== undefined && isSymbolic(call.args.positional[0]) ? symbolic(call) : plain(call);
}

/** Everything the interpreter knows of Python's and PyTorch's libraries. */
export function createLibrary(): Library {
  return {
    canonicalPath,
    function: (path) =>
      numericFunctions.get(path) ??
      functions.get(path) ??
      inPlaceFunction(path) ??
      transformersOutput(path) ??
      kerasFunction(path),
    plainFunction: plainKerasFunction,
    moduleClass: (path) =>
      moduleConstructors.get(path) ?? libraryLayers.get(path) ?? layerConstructor(path) ?? kerasConstructor(path),
    plainClass: (path) => functions.has(`${path}.__init__`),
    constant: (path) => constants.get(path) ?? (isBuiltinName(path) ? library(path) : null),
    tensorMethod: anyTensorMethod,
    tensorAttribute: (machine, tensor, name, range) =>
      isSymbolic(tensor) ? symbolicAttribute(tensor, name, range) : tensorAttribute(machine, tensor, name, range),
    moduleMethod: (name, path) => {
      if (name === "forward" || name === "__call__") return forward;
      return path !== undefined && !mayHave(path, name) ? null : (moduleMethods.get(name) ?? null);
    },
    callModule,
    tryOut,
    keywordModule,
    missingImport: (file, name) => missingImports(file).get(name) ?? null,
    namedLayer,
    callAnytime,
    unfollowedCall,
    eitherValue: eitherTensor,
    moduleAttribute: kerasAttribute,
    tensorOperator: (machine, operator, operands, range) =>
      symbolicOperator({ machine, range }, operator, operands) ?? tensorOperator(machine, operator, operands, range),
    tensorAugmented: (machine, operator, operands, range) =>
      symbolicOperator({ machine, range }, operator, operands) ?? tensorAugmented(machine, operator, operands, range),
    tensorItemAssigned,
    tensorElements: (machine, tensor, range) =>
      tensor.kind === "tensor" && !isSymbolic(tensor) && machine.trace !== null && tensor.node !== null
        ? tensorElements(machine, tensor, range)
        : elementsOf(tensor, range),
    tensorSubscript: (machine, tensor, index, range) =>
      isSymbolic(tensor)
        ? symbolicSubscript({ machine, range }, tensor, index)
        : tensorSubscript(machine, tensor, index, range),
  };
}

function layerConstructor(path: string): ReturnType<Library["moduleClass"]> {
  const prefix = "torch.nn.";
  return path.startsWith(prefix) ? (layerConstructors.get(path.slice(prefix.length)) ?? null) : null;
}

function isBuiltinName(path: string): boolean {
  return path.startsWith("builtins.") && BUILTIN_NAMES.has(path.slice("builtins.".length));
}

/** `super().forward(x)` and `self.layer.forward(x)` where the forward is torch's own. */
const forward: LibraryFunction = ({ machine, args, range }) => {
  const [self, ...positional] = args.positional;
  if (self === undefined || !isModule(self))
    return unknown("this forward() is called on something that is not a module", range);
  const call = isKeras(self) ? callKeras : callModule;
  return call(machine, self, { ...args, positional }, range);
};

const canonicalPaths = new Map<string, string>();
/** Those of all libraries that a file uses are hundreds; more are somebody's invention. */
const MOST_PATHS = 10_000;

/** Asked at every call and attribute of a library, mostly for the same few paths. */
function canonicalPath(path: string): string {
  const known = canonicalPaths.get(path);
  if (known !== undefined) return known;
  if (canonicalPaths.size >= MOST_PATHS) canonicalPaths.clear();
  const canonical = kerasPath(documentedPath(path));
  canonicalPaths.set(path, canonical);
  return canonical;
}
