import type { Code } from '../../contracts/codes.ts';
import { SyncError } from '../../contracts/next.ts';

/** A call was not made, so that one org does not hold up the others. Nothing was sent. */
export class NoTurn extends SyncError {
  constructor(code: Extract<Code, 'OUT_OF_TIME' | 'SLOTS_TAKEN' | 'ORG_SILENT'>, afterMs: number) {
    super('NoTurn', code, `Salesforce was not called (${code})`, { do: 'retry', afterMs });
  }
}
