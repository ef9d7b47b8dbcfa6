import { type Traced, traceOf } from '../../contracts/traced.ts';
import { withoutTokens } from '../errors/redaction.ts';
import type { SalesforceResponse } from './transport.ts';

/** The id that Salesforce support asks for, if it has the form of an id and holds no secret. */
export function requestIdOf({
  headers,
  clean = withoutTokens,
}: Pick<SalesforceResponse, 'headers' | 'clean'>): string | undefined {
  const requestId = headers['x-sfdc-request-id'] ?? headers['x-request-id'];
  const isPlain = requestId !== undefined && /^[\x21-\x7e]{1,128}$/.test(requestId);
  return isPlain && clean(requestId) === requestId ? requestId : undefined;
}

/** What a write's outcome keeps of the answer to it. */
export const traceOfAnswer = (answer: Pick<SalesforceResponse, 'headers' | 'clean'>): Traced =>
  traceOf({ requestId: requestIdOf(answer) });
