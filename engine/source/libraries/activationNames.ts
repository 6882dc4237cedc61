/** By the names of ACT2FN (transformers/activations.py). */
const ACTIVATIONS: Readonly<Record<string, string>> = {
  relu: "ReLU",
  relu6: "ReLU6",
  leaky_relu: "LeakyReLU",
  gelu: "GELU",
  silu: "SiLU",
  swish: "SiLU",
  mish: "Mish",
  tanh: "Tanh",
  sigmoid: "Sigmoid",
  linear: "Identity",
};

/** The class of `ACT2FN["relu"]`; null for other names. */
export const activationClass = (name: string): string | null => ACTIVATIONS[name] ?? null;
