import { SyncError } from '../../contracts/next.ts';

/**
 * A page of results had not as many rows as its header promised: it was cut off on the way, and is fetched again, as often
 * as the state machine repeats a step.
 */
export class BulkPageTruncated extends SyncError {
  constructor(bulkJobId: string, promised: number, received: number | undefined) {
    super(
      'BulkPageTruncated',
      'BULK_PAGE_TRUNCATED',
      `A page of bulk job ${bulkJobId} has ${received ?? 'unreadable'} rows instead of ${promised}; it is fetched again.`,
      { do: 'reread' },
    );
  }
}

/** The place after a page of results is the page's own: it would be read for ever. */
export class BulkPageRepeated extends SyncError {
  constructor(bulkJobId: string) {
    super(
      'BulkPageRepeated',
      'BULK_PAGE_REPEATED',
      `The results of bulk job ${bulkJobId} lead back to the page that was read; the job is abandoned.`,
      { do: 'stop' },
    );
  }
}

/** The CSV of results lacks a column that every result has. */
export class BulkResultUnreadable extends SyncError {
  constructor(bulkJobId: string, column: string) {
    super(
      'BulkResultUnreadable',
      'BULK_RESULT_UNREADABLE',
      `A result of bulk job ${bulkJobId} has no column ${column}; the job is abandoned.`,
      { do: 'stop' },
    );
  }
}

/** More to do than one invocation has time for; what was done stays done, and the repeated step goes on. */
export class BulkStepOutOfTime extends SyncError {
  constructor(bulkJobId: string) {
    super(
      'BulkStepOutOfTime',
      'BULK_STEP_OUT_OF_TIME',
      `A step of bulk job ${bulkJobId} needs another invocation to come to its end.`,
      { do: 'retry', afterMs: 1_000 },
    );
  }
}
