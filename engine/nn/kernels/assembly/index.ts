export * from "./matrixProduct";
export * from "./batchNorm";
export * from "./elementwise";
export * from "./pooling";
export * from "./reshape";
export * from "./loss";
export * from "./optimizers";
export * from "./checks";
