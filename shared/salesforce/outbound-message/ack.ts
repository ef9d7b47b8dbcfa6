import { OUTBOUND, SOAP } from './envelope.ts';

/** The content type of an answer. Its status is 200, or 500 for a fault. */
export const ACK_CONTENT_TYPE = 'text/xml; charset=utf-8';

/** The whole message is stored durably, so that Salesforce may forget it. */
export const ackTrue = (): string =>
  envelope(`<notificationsResponse xmlns="${OUTBOUND}"><Ack>true</Ack></notificationsResponse>`);

/**
 * Salesforce keeps the message and sends it again, for 24 hours; an admin reads the reason in the org's list of failed
 * messages.
 */
export const ackFault = (reason: string): string =>
  envelope(
    `<soapenv:Fault><faultcode>soapenv:Server</faultcode><faultstring>${escapeXml(reason)}</faultstring></soapenv:Fault>`,
  );

const envelope = (content: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="${SOAP}"><soapenv:Body>${content}</soapenv:Body></soapenv:Envelope>`;

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
