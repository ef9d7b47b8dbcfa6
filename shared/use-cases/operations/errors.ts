import type { Code } from '../../contracts/codes.ts';
import { SyncError } from '../../contracts/next.ts';

/** An operator asked for something that cannot be done; the message is for them. */
export class OperationRefused extends SyncError {
  constructor(code: Code, message: string) {
    super('OperationRefused', code, message, { do: 'stop' });
  }
}
