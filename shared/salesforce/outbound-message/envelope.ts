import type { Code } from '../../contracts/codes.ts';
import { SyncError } from '../../contracts/next.ts';

export const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/';
export const OUTBOUND = 'http://soap.sforce.com/2005/09/outbound';
export const XSI = 'http://www.w3.org/2001/XMLSchema-instance';
/** The WSDL that the org's admin chose decides which of the two it is. */
export const SOBJECT_NAMESPACES: ReadonlySet<string> = new Set([
  'urn:sobject.enterprise.soap.sforce.com',
  'urn:sobject.partner.soap.sforce.com',
]);

/** Which rule of the envelope a body broke. */
export type OutboundMessageProblem = Extract<Code, `MESSAGE_${string}` | 'NOT_AN_OUTBOUND_MESSAGE'>;

/** A body that is not an outbound message. Says which rule it broke, and never quotes it. */
export class OutboundMessageError extends SyncError {
  declare readonly code: OutboundMessageProblem;

  constructor(code: OutboundMessageProblem, message: string) {
    super('OutboundMessageError', code, message, { do: 'stop' });
  }
}
