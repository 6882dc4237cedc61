/** Takes the dense numbers of a training for a test to look at. */
import type { TableDeclaration } from "../../../engine/protocol/numbers";
import type { FrameSink } from "../../../engine/training/numbersRecorder";

export interface KeptFrame {
  readonly table: TableDeclaration;
  readonly step: number;
  readonly values: readonly number[];
}

export class KeptNumbers implements FrameSink {
  readonly frames: KeptFrame[] = [];
  private readonly tables: TableDeclaration[] = [];

  declare(declaration: TableDeclaration): number {
    return this.tables.push(declaration) - 1;
  }

  frame(table: number, step: number, values: ArrayLike<number>): void {
    const declaration = this.tables[table];
    if (!declaration) throw new Error(`table ${table} was not declared`);
    this.frames.push({ table: declaration, step, values: Array.from(values) });
  }

  of(name: string): KeptFrame[] {
    return this.frames.filter(({ table }) => table.name === name);
  }

  /** One column of the `steps` table, in order. */
  steps(column: string): number[] {
    return this.of("steps").map(({ table, values }) => values[table.columns.indexOf(column)] ?? Number.NaN);
  }

  /** One column of a layer in its tables of that name, in order. */
  layer(name: string, layer: string, column: string): number[] {
    return this.of(name).flatMap(({ table, values }) => {
      const row = table.layers.indexOf(layer);
      return row < 0 ? [] : [values[row * table.columns.length + table.columns.indexOf(column)] ?? Number.NaN];
    });
  }
}
