/** Rows in groups of `size`, without the first `skip` of them; nothing is read ahead of the group asked for. */
export async function* inChunks<T>(
  rows: AsyncIterable<T>,
  size: number,
  skip: number,
): AsyncGenerator<readonly T[]> {
  let group: T[] = [];
  let index = 0;
  for await (const row of rows) {
    index += 1;
    if (index <= skip) continue;
    group.push(row);
    if (group.length === size) {
      yield group;
      group = [];
    }
  }
  if (group.length > 0) yield group;
}
