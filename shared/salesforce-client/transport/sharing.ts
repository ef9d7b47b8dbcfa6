/**
 * Lets callers that ask for the same thing at the same time share one answer, or one failure. A later caller asks
 * again.
 *
 * @returns a function that calls `ask`, unless a call for the same key is still running
 */
export function sharing<K, T>(): (key: K, ask: () => Promise<T>) => Promise<T> {
  const running = new Map<K, Promise<T>>();
  return (key, ask) => {
    const known = running.get(key);
    if (known !== undefined) return known;
    const asked = ask().finally(() => running.delete(key));
    running.set(key, asked);
    return asked;
  };
}
