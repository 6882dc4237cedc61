/** Shapes of the data sets that Keras brings along: many files take the input's shape from `x_train.shape[1:]`. */
import type { LibraryFunction } from "../interpreter/machine";
import { numberOf } from "../interpreter/aboutValues";
import { tuple, unknownPlain } from "../interpreter/newValues";
import type { TensorValue, Value } from "../interpreter/values";
import { wholeNumbers } from "./layers/kerasCore";

/** Pictures in the training and the test part, with what one of them is (keras.io, "Datasets"). */
const DATA: Readonly<
  Record<
    string,
    {
      readonly train: number;
      readonly test: number;
      readonly sample: readonly number[];
      readonly labels: readonly number[];
    }
  >
> = {
  mnist: { train: 60000, test: 10000, sample: [28, 28], labels: [] },
  fashion_mnist: { train: 60000, test: 10000, sample: [28, 28], labels: [] },
  cifar10: { train: 50000, test: 10000, sample: [32, 32, 3], labels: [1] },
  cifar100: { train: 50000, test: 10000, sample: [32, 32, 3], labels: [1] },
};

const constant = (shape: readonly number[]): TensorValue => ({ kind: "tensor", node: null, shape, isParameter: false });

function loader(name: string): LibraryFunction {
  const data = DATA[name];
  if (data === undefined) throw new Error(`No data set ${name}`);
  const part = (count: number): Value => tuple([constant([count, ...data.sample]), constant([count, ...data.labels])]);
  return () => tuple([part(data.train), part(data.test)]);
}

const isConstant = (value: Value | undefined): value is TensorValue =>
  value?.kind === "tensor" && value.node === null && value.keras === undefined;

const expandDims: LibraryFunction = ({ args, range }) => {
  const [array] = args.positional;
  const axis = numberOf(args.positional[1] ?? args.keywords.get("axis") ?? { kind: "none" });
  if (!isConstant(array) || array.shape === null || axis === null) return unknownPlain("an array", range);
  const position = axis < 0 ? axis + array.shape.length + 1 : axis;
  return constant([...array.shape.slice(0, position), 1, ...array.shape.slice(position)]);
};

const reshape: LibraryFunction = ({ args, range }) => {
  const [array, ...rest] = args.positional;
  const target = wholeNumbers(rest.length === 1 ? (rest[0] ?? { kind: "none" }) : tuple(rest));
  if (!isConstant(array) || array.shape === null || target === null) return unknownPlain("an array", range);
  const total = array.shape.reduce((product, size) => product * size, 1);
  const fixed = target.filter((size) => size !== -1).reduce((product, size) => product * size, 1);
  return constant(target.map((size) => (size === -1 ? total / fixed : size)));
};

export const datasetFunctions: readonly (readonly [string, LibraryFunction])[] = [
  ...Object.keys(DATA).map((name) => [`keras.datasets.${name}.load_data`, loader(name)] as const),
  ["numpy.expand_dims", expandDims],
  ["numpy.reshape", reshape],
];

/**
 * `x_train.astype("float32")`, `x_train.reshape(60000, 784)`: methods of NumPy arrays that torch's tensors lack, or
 * have otherwise.
 */
export function arrayMethod(name: string): LibraryFunction | null {
  return name === "astype" ? ({ args, range }) => args.positional[0] ?? unknownPlain("an array", range) : null;
}
