/** The namespace of all metrics of ours. */
export const METRICS_NAMESPACE = 'SalesforceSync';

/** What is counted, for the functions that count it and the alarms and dashboards that look. No name holds a key or a tenant. */
export const METRICS = {
  /** Hints that were put into the queue. */
  hintsSent: 'HintsSent',
  /** Hints whose keys were looked at to the end. */
  hintsHandled: 'HintsHandled',
  /** Keys that left the queue to wait. */
  keysParked: 'KeysParked',
  recordsRead: 'RecordsRead',
  recordsUnchanged: 'RecordsUnchanged',
  localWrites: 'LocalWrites',
  salesforceWrites: 'SalesforceWrites',
  conflicts: 'Conflicts',
  rejections: 'Rejections',
  salesforceCalls: 'SalesforceCalls',
  /** Share of the org's daily allowance that is used, in percent. */
  apiAllowanceUsed: 'ApiAllowanceUsed',
  tokenRefreshes: 'TokenRefreshes',
  reauthorizationsRequired: 'ReauthorizationsRequired',
  notificationsAccepted: 'NotificationsAccepted',
  notificationsRefused: 'NotificationsRefused',
  bulkJobsStarted: 'BulkJobsStarted',
  bulkJobsAborted: 'BulkJobsAborted',
} as const;

export type MetricName = (typeof METRICS)[keyof typeof METRICS];
