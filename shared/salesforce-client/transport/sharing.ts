/**
 * Lets all who ask for the same at the same time wait for one answer, be it a failure; who comes later asks anew.
 *
 * @returns asks for what belongs to a key, unless somebody is waiting for it already
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
