/** The clocks of two workers differ by less. */
const MOST_SKEW_MS = 5_000;

/** What tells which of two lines of a pair was committed later. */
interface Committed {
  /** ISO 8601, by the clock of the worker that committed it. */
  readonly at: string;
  readonly version: number;
}

/**
 * Lines of one pair, newest first: by their times, and those that lie closer together than clocks may differ by the
 * versions of the link, which no clock can turn round. Versions alone do not do: a pair that is met anew begins with 1.
 */
export function newestFirst<T extends Committed>(lines: readonly T[]): T[] {
  const byTime = lines.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at) || b.version - a.version);
  const ordered: T[] = [];
  for (const line of byTime) {
    let place = ordered.length;
    while (place > 0 && isCommittedAfter(line, ordered[place - 1])) place -= 1;
    ordered.splice(place, 0, line);
  }
  return ordered;
}

const isCommittedAfter = (line: Committed, other: Committed | undefined): boolean =>
  other !== undefined &&
  line.version > other.version &&
  Date.parse(other.at) - Date.parse(line.at) <= MOST_SKEW_MS;
