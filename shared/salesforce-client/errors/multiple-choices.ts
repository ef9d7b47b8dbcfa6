import type { Clean } from '../transport/transport.ts';
import { SalesforceApiError } from './errors.ts';
import { withoutTokens } from './redaction.ts';

/** Several records have the external id; nothing was read or written. */
export class MultipleChoicesError extends SalesforceApiError {
  /** Paths of the records, such as `/services/data/v59.0/sobjects/Contact/003…`; empty where the answer had none. */
  readonly recordUrls: readonly string[];

  constructor(operation: string, recordUrls: readonly string[], requestId?: string) {
    super({
      code: 'MULTIPLE_CHOICES',
      next: { do: 'stop' },
      message: `Several records have the external id of ${operation}: make the field unique, or merge them.`,
      status: 300,
      requestId,
    });
    this.recordUrls = recordUrls;
  }
}

const RECORD_URL = /^\/services\/data\/v[\d.]+\/sobjects\/\w+\/\w+$/;

/** The paths of records that the body of a 300 lists. Anything else in it, and a path with a secret, is left out. */
export function readChoices(body: unknown, clean: Clean = withoutTokens): readonly string[] {
  if (!Array.isArray(body)) return [];
  return body.filter((url) => typeof url === 'string' && RECORD_URL.test(url) && clean(url) === url);
}

/** The same from the body's text. Empty where that is not JSON, since the status says what matters. */
export function readChoicesText(text: string, clean: Clean): readonly string[] {
  try {
    return readChoices(JSON.parse(text), clean);
  } catch {
    return [];
  }
}
