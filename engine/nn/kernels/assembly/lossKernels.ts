/** Losses at the output and their gradients, one position at a time; targets are integer labels. */

/** Which loss; `lossKinds` in nn/outputLoss.ts has the same numbers. */
const CROSS_ENTROPY: i32 = 0;
const SQUARED_ERROR: i32 = 1;

/**
 * Returns the sum over all positions of the loss of their `classes` values. Where the address is not 0, `gradient`
 * receives its derivative times `gradientScale`, and `predictions`, densely, the values' probabilities (softmax,
 * sigmoid) or, under squared error, the values. Labels follow each other, one a position.
 *
 * Everything is computed in f64, softmax against the position's maximum and the binary loss from e^−|x|, so large
 * logits neither overflow nor lose digits.
 */
export function outputLoss(
  kind: i32,
  images: i32,
  rows: i32,
  positions: i32,
  classes: i32,
  columns: i32,
  x: usize,
  xImage: usize,
  xRow: usize,
  xPosition: usize,
  labels: usize,
  smoothing: f64,
  gradientScale: f64,
  gradient: usize,
  gradientImage: usize,
  gradientRow: usize,
  gradientPosition: usize,
  predictions: usize,
): f64 {
  let total: f64 = 0;
  for (let image = 0; image < images; image++) {
    for (let row = 0; row < rows; row++) {
      let at = x + xImage * image + xRow * row;
      let slope = gradient ? gradient + gradientImage * image + gradientRow * row : 0;
      for (let position = 0; position < positions; position++) {
        const label = load<i32>(labels);
        if (kind == CROSS_ENTROPY)
          total += softmaxCrossEntropy(classes, columns, at, label, smoothing, gradientScale, slope, predictions);
        else total += againstTargets(kind, classes, columns, at, label, gradientScale, slope, predictions);
        labels += 4;
        at += xPosition;
        if (slope) slope += gradientPosition;
        if (predictions) predictions += (<usize>columns) << 2;
      }
    }
  }
  return total;
}

/**
 * −Σ t·log p with p the softmax of x and targets t = (1 − s)·onehot + s/classes (Szegedy et al. 2016, section 7;
 * torch.nn.CrossEntropyLoss). Its derivative is p − t.
 */
function softmaxCrossEntropy(
  classes: i32,
  columns: i32,
  x: usize,
  label: i32,
  smoothing: f64,
  gradientScale: f64,
  gradient: usize,
  predictions: usize,
): f64 {
  let highest: f64 = -Infinity;
  for (let k = 0; k < classes; k++) highest = max(highest, <f64>load<f32>(x + ((<usize>k) << 2)));
  let sum: f64 = 0;
  for (let k = 0; k < classes; k++) sum += Math.exp(<f64>load<f32>(x + ((<usize>k) << 2)) - highest);
  let wanted = <f64>load<f32>(x + ((<usize>label) << 2));
  const spread = smoothing / <f64>classes;
  if (smoothing != 0) {
    wanted *= 1 - smoothing;
    for (let k = 0; k < classes; k++) wanted += spread * <f64>load<f32>(x + ((<usize>k) << 2));
  }
  for (let k = 0; k < columns; k++) {
    const at = (<usize>k) << 2;
    const p: f64 = k < classes ? Math.exp(<f64>load<f32>(x + at) - highest) / sum : 0;
    const target: f64 = k < classes ? (k == label ? 1 - smoothing : 0) + spread : 0;
    if (gradient) store<f32>(gradient + at, <f32>((p - target) * gradientScale));
    if (predictions) store<f32>(predictions + at, <f32>p);
  }
  return Math.log(sum) + highest - wanted;
}

/**
 * Σ (x − t)² (torch.nn.MSELoss) or Σ max(x, 0) − x·t + log(1 + e^−|x|) (torch.nn.BCEWithLogitsLoss), where t is the
 * label of a single output, and of several 1 for the label's and 0 for the others. Derivatives are 2(x − t) and σ(x) −
 * t.
 */
function againstTargets(
  kind: i32,
  classes: i32,
  columns: i32,
  x: usize,
  label: i32,
  gradientScale: f64,
  gradient: usize,
  predictions: usize,
): f64 {
  let total: f64 = 0;
  for (let k = 0; k < columns; k++) {
    const at = (<usize>k) << 2;
    let slope: f64 = 0,
      prediction: f64 = 0;
    if (k < classes) {
      const value = <f64>load<f32>(x + at);
      const target: f64 = classes == 1 ? <f64>label : k == label ? 1 : 0;
      if (kind == SQUARED_ERROR) {
        prediction = value;
        slope = 2 * (value - target);
        total += (value - target) * (value - target);
      } else {
        const small = Math.exp(-Math.abs(value));
        prediction = (value < 0 ? small : 1) / (1 + small);
        slope = prediction - target;
        total += Math.max(value, 0) - value * target + Math.log1p(small);
      }
    }
    if (gradient) store<f32>(gradient + at, <f32>(slope * gradientScale));
    if (predictions) store<f32>(predictions + at, <f32>prediction);
  }
  return total;
}
