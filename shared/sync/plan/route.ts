/** `rows`: queries and collection writes; `bulk`: a Bulk API 2.0 job. */
export type Route = 'rows' | 'bulk';

/** A load's execution has 25,000 events at most, some 20 for a page of 10,000 records. */
export const MOST_LOADED = 10_000_000;

/**
 * The cheaper route for this many records: at the mapping's threshold a bulk job begins to pay. More than can be counted
 * need one: a query of theirs would not end either. More than one execution carries go row by row, from where the pass is.
 */
export const chooseRoute = (records: number | 'too-many', threshold: number): Route =>
  records === 'too-many' || (records >= threshold && records <= MOST_LOADED) ? 'bulk' : 'rows';
