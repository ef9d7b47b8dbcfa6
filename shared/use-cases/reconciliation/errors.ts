import type { Code } from '../../contracts/codes.ts';
import { SyncError } from '../../contracts/next.ts';

/**
 * `PAGE_REPEATED`: rows of a query do not come after those before them. Without this, a pass would never end.
 */
export class PageRepeated extends SyncError {
  constructor() {
    const code: Code = 'PAGE_REPEATED';
    super('PageRepeated', code, 'A page of a query does not come after the page before it.', {
      do: 'restart',
    });
  }
}

/** `QUERY_INCOMPLETE`: rows that were counted a moment ago do not come. A first pass that took this for all would load nothing. */
export class CountedRowsMissing extends SyncError {
  constructor() {
    const code: Code = 'QUERY_INCOMPLETE';
    super('CountedRowsMissing', code, 'Records were counted, and a query of the same brought none.', {
      do: 'retry',
      afterMs: 1_000,
    });
  }
}

/** `IDS_OUT_OF_ORDER`: without their order, a full sweep would take linked records for ones that are not given. */
export class IdsOutOfOrder extends SyncError {
  constructor() {
    const code: Code = 'IDS_OUT_OF_ORDER';
    super(
      'IdsOutOfOrder',
      code,
      'Records that were asked for by id did not come in the order of their ids.',
      {
        do: 'stop',
      },
    );
  }
}

/** A call was not made, so that one org does not hold up the others. Nothing was sent. */
export class NoTurn extends SyncError {
  constructor(code: Extract<Code, 'OUT_OF_TIME' | 'SLOTS_TAKEN' | 'ORG_SILENT'>, afterMs: number) {
    super('NoTurn', code, `Salesforce was not called (${code})`, { do: 'retry', afterMs });
  }
}
