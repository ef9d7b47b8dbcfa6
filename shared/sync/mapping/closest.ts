/** More than this many suggestions help nobody. */
const MOST = 3;

/** The names that a misspelt one may have meant, nearest first; case and the custom suffix count for nothing. */
export const closest = (name: string, names: readonly string[]): string[] => {
  const wanted = bare(name);
  // Two letters of five may be wrong, as two that changed places are; short names get one.
  const limit = Math.max(1, Math.floor(wanted.length * 0.4));
  return names
    .map((candidate) => ({ candidate, distance: distanceOf(wanted, bare(candidate), limit) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, MOST)
    .map(({ candidate }) => candidate);
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
