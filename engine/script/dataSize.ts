/** How many samples a data set has, where the script fixes it. */
import { argument, type Args, type ObjectValue, type TracedValue } from "./tracedValues";

/** Training and test samples of torchvision's data sets. */
const SIZES: Readonly<Record<string, readonly [train: number, test: number]>> = {
  MNIST: [60000, 10000],
  FashionMNIST: [60000, 10000],
  KMNIST: [60000, 10000],
  CIFAR10: [50000, 10000],
  CIFAR100: [50000, 10000],
  USPS: [7291, 2007],
};

export function sizeOf(value: TracedValue): number | null {
  if (value.kind !== "object") return null;
  const name = value.type.split(".").at(-1) ?? "";
  if (name === "range") return lengthOf(value);
  if (value.facts.samples !== undefined) return value.facts.samples;
  if (value.type.startsWith("torchvision.datasets.")) return ofTorchvision(name, value.args);
  if (name === "TensorDataset") return value.args.positional[0] === undefined ? null : rowsOf(value.args.positional[0]);
  if (name === "Subset") return lengthOf(argument(value.args, "indices", 1));
  if (name === "FakeData") return numberOf(argument(value.args, "size", 0)) ?? 1000;
  return null;
}

function ofTorchvision(name: string, args: Args): number | null {
  const sizes = SIZES[name];
  const train = argument(args, "train", 1);
  if (sizes === undefined || train === null) return sizes?.[0] ?? null;
  return train.kind === "constant" && typeof train.value === "boolean" ? sizes[train.value ? 0 : 1] : null;
}

/** `range(n)`, also as a list. */
function lengthOf(value: TracedValue | null): number | null {
  return value?.kind === "object" && value.type === "range" && value.args.positional.length === 1
    ? numberOf(value.args.positional[0])
    : null;
}

/** `torch.randn(1025, 16)` has 1025 rows. */
function rowsOf(value: TracedValue): number | null {
  return value.kind === "tensor" ? value.rows : null;
}

export function numberOf(value: TracedValue | undefined | null): number | null {
  if (value === undefined || value === null) return null;
  const number = value.kind === "constant" ? value.value : value.kind === "unknown" ? value.hint : null;
  return typeof number === "number" ? number : null;
}

export const isLoader = ({ type }: ObjectValue): boolean => /(^|\.)DataLoader$/.test(type);
