/** Which Keras a file is written for. */
import type { SourceFile } from "../../python/parse";

/** Whether it imports `keras` itself. With TensorFlow before 2.16, `tensorflow.keras` is Keras 2. */
export const importsKerasItself = ({ text }: SourceFile): boolean => /^\s*(import|from) keras(_core)?\b/m.test(text);
