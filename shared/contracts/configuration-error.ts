import type { Code } from './codes.ts';
import { SyncError } from './next.ts';

/** Something that a person has to set is missing or malformed; the message says what, and what to do. */
export class ConfigurationError extends SyncError {
  constructor(code: Code, message: string) {
    super('ConfigurationError', code, message, { do: 'stop' });
  }
}
