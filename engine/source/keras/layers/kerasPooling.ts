/**
 * keras.io, "Pooling layers" and "Reshaping layers" that change sizes: upsampling, padding, cropping; image
 * preprocessing.
 */
import type { OpenShape, Value } from "../../interpreter/values";
import { keepsShape, type KerasLayerSpec, type KerasLayerSpecs, type LayerCall } from "../kerasLayerSpec";
import { joined, partsOf } from "./kerasConvolution";
import { wholeNumbers } from "./kerasCore";

type SpatialRule = (call: LayerCall, spatial: OpenShape) => OpenShape | null;

/** A layer without weights that changes the axes a window moves over. */
function spatialLayer(dims: number, signature: string, rule: SpatialRule): KerasLayerSpec {
  return {
    signature,
    build: (call) => {
      const parts = partsOf(call, dims);
      const spatial = parts === null ? null : rule(call, parts.spatial);
      return {
        sizes: parts === null || spatial === null ? null : joined(call, parts.channels, spatial),
        parameters: 0,
      };
    },
  };
}

/** keras/src/ops/operation_utils.py, compute_pooling_output_shape. */
const pooled: SpatialRule = (call, spatial) => {
  const { args } = call;
  const pool = args.sizes("pool_size", spatial.length);
  const strides = args.isNone("strides") ? pool : args.sizes("strides", spatial.length);
  const padding = args.text("padding")?.toLowerCase();
  if (pool === null || strides === null || padding === undefined) return null;
  if (padding !== "same" && padding !== "valid") {
    call.fail(`NormLens does not know the padding ${padding} of this ${call.className}`);
    return null;
  }
  const sizes = spatial.map((length, axis) => {
    const stride = strides[axis] ?? 1;
    if (length === null) return null;
    return padding === "same" ? Math.ceil(length / stride) : Math.floor((length - (pool[axis] ?? 1)) / stride) + 1;
  });
  if (!sizes.some((size) => size !== null && size < 1)) return sizes;
  call.fail(
    `the input of this ${call.className} is smaller than its window of ${pool.join("×")} (Keras raises a ValueError)`,
  );
  return null;
};

const pooling = (dims: number): KerasLayerSpec =>
  spatialLayer(dims, "pool_size=2, strides=None, padding='valid', data_format=None", pooled);

function globalPooling(dims: number): KerasLayerSpec {
  return {
    signature: "data_format=None, keepdims=False",
    build: (call) => {
      const parts = partsOf(call, dims);
      const keeps = call.args.flag("keepdims");
      if (parts === null || keeps === null) return { sizes: null, parameters: 0 };
      return {
        sizes: keeps
          ? joined(
              call,
              parts.channels,
              parts.spatial.map(() => 1),
            )
          : [parts.channels],
        parameters: 0,
      };
    },
  };
}

const upsampled: SpatialRule = ({ args }, spatial) => {
  const factors = args.sizes("size", spatial.length);
  return factors === null
    ? null
    : spatial.map((length, axis) => (length === null ? null : length * (factors[axis] ?? 1)));
};

/** `1`, `(1, 2)` or `((1, 1), (2, 2))`; the one axis of a sequence takes `(left, right)`. Totals of both sides. */
function bothSides(value: Value, dims: number): number[] | null {
  if (value.kind === "int") return Array.from({ length: dims }, () => 2 * value.value);
  if (value.kind !== "tuple" && value.kind !== "list") return null;
  const plain = wholeNumbers(value);
  if (plain !== null)
    return dims === 1
      ? plain.length === 2
        ? [(plain[0] ?? 0) + (plain[1] ?? 0)]
        : null
      : plain.length === dims
        ? plain.map((side) => 2 * side)
        : null;
  const pairs = value.elements.map((element) => wholeNumbers(element));
  if (pairs.length !== dims) return null;
  return pairs.every((pair) => pair?.length === 2) ? pairs.map((pair) => (pair?.[0] ?? 0) + (pair?.[1] ?? 0)) : null;
}

const resizedBy =
  (name: string, sign: 1 | -1): SpatialRule =>
  (call, spatial) => {
    const totals = bothSides(call.args.value(name), spatial.length);
    if (totals === null) {
      call.fail(`the ${name} of this ${call.className} is unknown`);
      return null;
    }
    return spatial.map((length, axis) => (length === null ? null : length + sign * (totals[axis] ?? 0)));
  };

const imageSize: SpatialRule = ({ args }) => [args.size("height"), args.size("width")];

const pad = (dims: number): KerasLayerSpec =>
  spatialLayer(dims, "padding=1, data_format=None", resizedBy("padding", 1));
const crop = (dims: number): KerasLayerSpec =>
  // Keras's own defaults: a row on each side of sequences and volumes, and none of images.
  spatialLayer(dims, `cropping=${dims === 2 ? 0 : 1}, data_format=None`, resizedBy("cropping", -1));

export const poolingLayers: KerasLayerSpecs = {
  MaxPooling1D: pooling(1),
  MaxPooling2D: pooling(2),
  MaxPooling3D: pooling(3),
  AveragePooling1D: pooling(1),
  AveragePooling2D: pooling(2),
  AveragePooling3D: pooling(3),
  GlobalAveragePooling1D: globalPooling(1),
  GlobalAveragePooling2D: globalPooling(2),
  GlobalAveragePooling3D: globalPooling(3),
  GlobalMaxPooling1D: globalPooling(1),
  GlobalMaxPooling2D: globalPooling(2),
  GlobalMaxPooling3D: globalPooling(3),
  UpSampling1D: spatialLayer(1, "size=2", upsampled),
  UpSampling2D: spatialLayer(2, "size=2, data_format=None, interpolation='nearest'", upsampled),
  UpSampling3D: spatialLayer(3, "size=2, data_format=None", upsampled),
  ZeroPadding1D: pad(1),
  ZeroPadding2D: pad(2),
  ZeroPadding3D: pad(3),
  Cropping1D: crop(1),
  Cropping2D: crop(2),
  Cropping3D: crop(3),
  Rescaling: keepsShape("scale, offset=0.0"),
  Resizing: spatialLayer(
    2,
    "height, width, interpolation='bilinear', crop_to_aspect_ratio=False, pad_to_aspect_ratio=False, " +
      "fill_mode='constant', fill_value=0.0, antialias=False, data_format=None",
    imageSize,
  ),
  CenterCrop: spatialLayer(2, "height, width, data_format=None", imageSize),
  RandomCrop: spatialLayer(2, "height, width, seed=None, data_format=None", imageSize),
  RandomFlip: keepsShape("mode='horizontal_and_vertical', seed=None, data_format=None"),
  RandomRotation: keepsShape(
    "factor, fill_mode='reflect', interpolation='bilinear', seed=None, fill_value=0.0, value_range=None, " +
      "data_format=None",
  ),
  RandomZoom: keepsShape(
    "height_factor, width_factor=None, fill_mode='reflect', interpolation='bilinear', seed=None, " +
      "fill_value=0.0, data_format=None",
  ),
  RandomTranslation: keepsShape(
    "height_factor, width_factor, fill_mode='reflect', interpolation='bilinear', seed=None, fill_value=0.0, " +
      "data_format=None",
  ),
  RandomContrast: keepsShape("factor, value_range=None, seed=None"),
  RandomBrightness: keepsShape("factor, value_range=None, seed=None"),
};
