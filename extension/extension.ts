// Placeholder until the real entry point is written.
export function activate(): void {
  // Nothing to wire yet.
}
