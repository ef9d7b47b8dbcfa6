import { SyncError } from '../../contracts/next.ts';

export const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/';
export const OUTBOUND = 'http://soap.sforce.com/2005/09/outbound';
export const XSI = 'http://www.w3.org/2001/XMLSchema-instance';
/** Which of the two it is depends on the WSDL that the org's admin chose. */
export const SOBJECT_NAMESPACES: ReadonlySet<string> = new Set([
  'urn:sobject.enterprise.soap.sforce.com',
  'urn:sobject.partner.soap.sforce.com',
]);

export type OutboundMessageProblem =
  /** Over the limit of bytes. */
  | 'TOO_LARGE'
  /** Not UTF-8, by its bytes or by its own declaration. */
  | 'NOT_UTF8'
  /** Not well-formed, or truncated. */
  | 'NOT_XML'
  /** A document type, an entity or a processing instruction, which no outbound message has. */
  | 'FORBIDDEN_XML'
  | 'TOO_DEEP'
  | 'TOO_MANY_NOTIFICATIONS'
  /** XML, but not the envelope that Salesforce sends. */
  | 'NOT_AN_OUTBOUND_MESSAGE';

/** A body that is no outbound message; says which rule it broke, never what stood in it. */
export class OutboundMessageError extends SyncError {
  declare readonly code: OutboundMessageProblem;

  constructor(code: OutboundMessageProblem, message: string) {
    super('OutboundMessageError', code, message, { do: 'stop' });
  }
}
