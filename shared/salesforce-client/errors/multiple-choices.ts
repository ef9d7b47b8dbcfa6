import type { Clean } from '../transport/transport.ts';
import { SalesforceApiError } from './errors.ts';
import { withoutTokens } from './redaction.ts';

/** An external id led to several records; nothing was read or written. */
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

/** The paths that the body of a 300 lists; nothing else that stands there, and none that quotes a secret. */
export function readChoices(body: unknown, clean: Clean = withoutTokens): readonly string[] {
  if (!Array.isArray(body)) return [];
  return body.filter((url) => typeof url === 'string' && RECORD_URL.test(url) && clean(url) === url);
}

/** The same from the body's text; none where that is no JSON, since the status says what matters. */
export function readChoicesText(text: string, clean: Clean): readonly string[] {
  try {
    return readChoices(JSON.parse(text), clean);
  } catch {
    return [];
  }
}
