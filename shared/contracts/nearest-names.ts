/** More than this many suggestions help nobody. */
const MOST = 3;

/**
 * The names that somebody may have meant by a misspelt one, nearest first: options and tables of the sync config, and
 * fields of an object. Letter case, underscores and the custom suffix `__c` do not count.
 *
 * At most two letters in five may be wrong: two letters that changed places count as two. Of a shorter name it is one,
 * since half of four letters would suggest `Site` for `city`.
 */
export const nearestNames = (written: string, names: readonly string[]): string[] => {
  const wanted = bare(written);
  const limit = Math.max(1, Math.floor(wanted.length * 0.4));
  return names
    .map((name) => ({ name, distance: distanceOf(wanted, bare(name), limit) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, MOST)
    .map(({ name }) => name);
};

const bare = (name: string): string => name.toLowerCase().replace(/__c$/, '').replaceAll('_', '');

/** Levenshtein's edit distance, row by row; anything beyond the limit is only known to be beyond it. */
const distanceOf = (a: string, b: string, limit: number): number => {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, char] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (b.charAt(j - 1) === char ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
};
