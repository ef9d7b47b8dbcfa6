/** The namespace of all metrics of ours. */
export const METRICS_NAMESPACE = 'SalesforceSync';

/** What is counted, for the functions that count it and the alarms and dashboards that look. No name holds a key or a tenant. */
export const METRICS = {
  /** Hints whose keys were looked at to the end. */
  hintsHandled: 'HintsHandled',
  recordsRead: 'RecordsRead',
  recordsUnchanged: 'RecordsUnchanged',
  localWrites: 'LocalWrites',
  salesforceWrites: 'SalesforceWrites',
  conflicts: 'Conflicts',
  rejections: 'Rejections',
  salesforceCalls: 'SalesforceCalls',
} as const;

export type MetricName = (typeof METRICS)[keyof typeof METRICS];
