/** Softmax cross-entropy with integer labels, and its gradient. */

/**
 * Returns the summed loss −Σ log p[label] over `samples`; when `gradient` is not 0 it receives
 * (p − onehot)·`gradientScale`, and `probabilities`, when not 0, receives p. All rows have the stride of the logits.
 * Softmax is computed in f64 against the row's maximum, so large logits neither overflow nor lose digits.
 */
export function softmaxCrossEntropy(
  samples: i32, classes: i32, columns: i32, logits: usize, rowStride: usize, labels: usize, gradientScale: f64, gradient: usize, probabilities: usize,
): f64 {
  let total: f64 = 0;
  for (let sample = 0; sample < samples; sample++) {
    const row = logits + rowStride * sample;
    const label = load<i32>(labels + (<usize>sample << 2));
    let highest: f64 = -Infinity;
    for (let k = 0; k < classes; k++) highest = max(highest, <f64>load<f32>(row + (<usize>k << 2)));
    let sum: f64 = 0;
    for (let k = 0; k < classes; k++) sum += Math.exp(<f64>load<f32>(row + (<usize>k << 2)) - highest);
    total += Math.log(sum) + highest - <f64>load<f32>(row + (<usize>label << 2));
    for (let k = 0; k < columns; k++) {
      const at = <usize>k << 2;
      const p: f64 = k < classes ? Math.exp(<f64>load<f32>(row + at) - highest) / sum : 0;
      if (gradient) store<f32>(gradient + rowStride * sample + at, <f32>((p - (k == label ? 1.0 : 0.0)) * gradientScale));
      if (probabilities) store<f32>(probabilities + rowStride * sample + at, <f32>p);
    }
  }
  return total;
}
