// Placeholder until the real entry point is written.
export {};
