/** `rows`: queries and collection writes; `bulk`: a Bulk API 2.0 job. */
export type Route = 'rows' | 'bulk';

/**
 * The cheaper route for this many records: at the mapping's threshold a bulk job begins to pay. More than can be counted
 * need one: a query of theirs would not end either.
 */
export const chooseRoute = (records: number | 'too-many', threshold: number): Route =>
  records === 'too-many' || records >= threshold ? 'bulk' : 'rows';
