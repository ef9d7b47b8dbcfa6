import * as z from 'zod/mini';

/** The steps of both state machines, each one invocation of the `bulk-step` function. */
export const BULK_STEPS = [
  'submit-load',
  'poll',
  'fetch-page',
  'reconcile-page',
  'finish-load',
  'collect-push',
  'submit-push',
  'upload-push',
  'settle-push',
  'finish-push',
  'abort',
] as const;
export type BulkStep = (typeof BULK_STEPS)[number];

/** How a state machine repeats a step that broke down: four more times, after 5, 15, 45 and 135 s at most. */
export const BULK_STEP_RETRIES = { maxAttempts: 4, intervalSeconds: 5, backoffRate: 3 } as const;

/**
 * What travels between the states: ids and counts, never a record's values. A step gets the whole of it and
 * returns the whole of it, changed; the Choice states look at `outcome`, and at whether `locator` and `reason` are there.
 *
 * Executions under way when a release is deployed go on with it, so no name here is ever given to another thing.
 */
export const bulkState = z.object({
  bulkJobId: z.string(),
  mappingId: z.string(),
  outcome: z.optional(
    z.enum([
      // submit-load, submit-push
      'submitted',
      // poll; fetch-page, reconcile-page, settle-push: what they need is not to be had now
      'running',
      'complete',
      'failed',
      'overdue',
      // fetch-page, collect-push, settle-push
      'page',
      'more',
      'done',
      // collect-push: too few for a job, so the hint queue has them; or none at all
      'nothing',
      // any: the connection cannot be used; a person is needed or the mapping is gone
      'stopped',
    ]),
  ),
  /** How long the next Wait state waits. */
  waitSeconds: z.optional(z.number()),
  /** Why it failed or stopped: a sentence of ours, without values. */
  reason: z.optional(z.string()),
  /** The mapping's revision and epoch that a load began with: under others it has to be done anew. */
  revision: z.optional(z.number()),
  epoch: z.optional(z.number()),
  /** Salesforce's job id. */
  jobId: z.optional(z.string()),
  /** `Sforce-Locator` of the page to fetch next. */
  locator: z.optional(z.string()),
  /** Staging key of the page of rows that is being worked through. */
  pageKey: z.optional(z.string()),
  /** Where the next step begins: a row of that page; for `collect-push`, which has none, the number of a staged part. */
  pageRow: z.optional(z.number()),
  /** How many pages were fetched, or how many parts were staged. */
  pages: z.optional(z.number()),
  /** The scan of the local table goes on at the staged place of this number: the place itself is an item's key. */
  scanPlace: z.optional(z.number()),
  /** Which result set of an ingest job is being settled, and from which row. */
  resultSet: z.optional(z.enum(['successful', 'failed', 'unprocessed'])),
  records: z.optional(z.number()),
  /** How many records Salesforce says the query found: with fewer rows a load is not whole. */
  recordsFound: z.optional(z.number()),
  failed: z.optional(z.number()),
});
export type BulkState = z.infer<typeof bulkState>;

/** What a state machine hands to the `bulk-step` function. */
export const bulkStepEvent = z.object({ step: z.enum(BULK_STEPS), state: bulkState });
