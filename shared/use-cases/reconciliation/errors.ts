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
