/** How a learnable tensor of PyTorch is stored in the engine. */
import type { Shape } from "../protocol/shape";

/** One learnable tensor: how PyTorch sees it and how many f32 the engine stores it in. */
export interface ParameterSpec {
  /** The `state_dict` key: `fc1.weight`. */
  readonly name: string;
  readonly shape: Shape;
  readonly storedFloats: number;
  /** Where the element with PyTorch's flat index is, in floats from the tensor's start. */
  readonly storedIndex: (index: number) => number;
}
