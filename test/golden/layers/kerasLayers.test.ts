/**
 * The reader against Keras itself, one constructor call at a time: equal, or said to be unknown, and never different.
 * kerasLayers.json was written by kerasLayers.py.
 */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readModelFile } from "../../../engine/source/readModel";
import type { ModelReading } from "../../../engine/source/modelReading";
import { python } from "../../unit/support/python";

type Shape = readonly number[];
type Row = readonly [call: string, input: Shape, parameters: number, output: Shape];

const path = join(process.cwd(), "test/golden/layers/kerasLayers.json");
const { layers } = JSON.parse(readFileSync(path, "utf8")) as { layers: Row[] };

const className = (call: string): string => /^layers\.(\w+)/.exec(call)?.[1] ?? call;

const PAIRED = /^layers\.(Add|Subtract|Multiply|Average|Maximum|Minimum|Concatenate|Dot|Attention|AdditiveAttention)\(/;

function readLayer(call: string, input: Shape): ModelReading {
  const given = call.includes("MultiHead") ? "x, x" : PAIRED.test(call) ? "[x, x]" : "x";
  const text = python`
    import keras
    from keras import layers

    x = keras.Input((${input.join(", ")},))
    y = (${call})(${given})
    model = keras.Model(x, y[0] if isinstance(y, (list, tuple)) else y)
  `;
  return readModelFile({ path: "model.py", text, model: "model" });
}

/** What is wrong with a reading; null where it is right, or says that it does not know. */
function fault({ graph, unknowns, problems }: ModelReading, parameters: number, output: Shape): string | null {
  if (graph === null) return problems.length > 0 ? null : "no graph, and no reason";
  if (graph.parameters === null) return unknowns.length > 0 ? null : "unknown parameters, and no reason";
  if (graph.parameters !== parameters) return `${graph.parameters} parameters, not ${parameters}`;
  const shape = graph.nodes.find((node) => node.id === graph.outputs[0]?.node)?.outputShape ?? null;
  return shape === null || shape.join() === output.join() ? null : `${shape.join("x")}, not ${output.join("x")}`;
}

describe("Layers of Keras, in every setting", () => {
  for (const name of new Set(layers.map(([call]) => className(call)))) {
    it(name, () => {
      const rows = layers.filter(([call]) => className(call) === name);
      const faults = rows.flatMap(([call, input, parameters, output]) => {
        const found = fault(readLayer(call, input), parameters, output);
        return found === null ? [] : [`${call}: ${found}`];
      });
      assert.deepEqual(faults, []);
      const unknown = rows.filter(([call, input]) => readLayer(call, input).graph?.parameters == null);
      assert.deepEqual(
        unknown.map(([call]) => call),
        [],
      );
    });
  }
});
