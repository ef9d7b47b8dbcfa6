/** `rows`: queries and collection writes; `bulk`: a Bulk API 2.0 job. */
export type Route = 'rows' | 'bulk';

/** The cheaper route for this many records: at the mapping's threshold a bulk job begins to pay. */
export const chooseRoute = (records: number, threshold: number): Route =>
  records >= threshold ? 'bulk' : 'rows';
