import { SaxesParser } from 'saxes';
import { escapeMarkup } from '../http/html.ts';

/** The namespace of notifications and of their acknowledgement. */
const OUTBOUND_NAMESPACE = 'http://soap.sforce.com/2005/09/outbound';

/** What the envelope says about the org and the message. */
export interface EnvelopeHead {
  readonly orgId: string;
  readonly actionId: string;
  readonly origin: string;
}

/** One notification: its id, and the record's type and non-null fields, Id first. */
export interface EnvelopeNotification {
  readonly id: string;
  readonly type: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** Writes an outbound message as the platform sends it; the session id has been empty since 2026. */
export function writeEnvelope(head: EnvelopeHead, notifications: readonly EnvelopeNotification[]): string {
  const org15 = head.orgId.slice(0, 15);
  return `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Body>
  <notifications xmlns="${OUTBOUND_NAMESPACE}">
   <OrganizationId>${head.orgId}</OrganizationId>
   <ActionId>${head.actionId}</ActionId>
   <SessionId xsi:nil="true"/>
   <EnterpriseUrl>${escapeMarkup(head.origin)}/services/Soap/c/60.0/${org15}</EnterpriseUrl>
   <PartnerUrl>${escapeMarkup(head.origin)}/services/Soap/u/60.0/${org15}</PartnerUrl>
${notifications.map(writeNotification).join('\n')}
  </notifications>
 </soapenv:Body>
</soapenv:Envelope>
`;
}

/** Whether the answer's body acknowledges a message: `Ack` with `true`, in the right namespace. */
export function isAcknowledged(xml: string): boolean {
  let isAck = false;
  let isTrue = false;
  const parser = new SaxesParser({ xmlns: true });
  parser.on('opentag', (tag) => {
    isAck = tag.local === 'Ack' && tag.uri === OUTBOUND_NAMESPACE;
  });
  parser.on('text', (text) => {
    if (isAck && text.trim() === 'true') isTrue = true;
  });
  parser.on('closetag', () => {
    isAck = false;
  });
  let isBroken = xml.trim() === '';
  parser.on('error', () => {
    isBroken = true;
  });
  parser.write(xml).close();
  return isTrue && !isBroken;
}

function writeNotification(notification: EnvelopeNotification): string {
  const fields = notification.fields.map(
    ([name, value]) => `     <sf:${name}>${escapeText(value)}</sf:${name}>`,
  );
  return `   <Notification>
    <Id>${notification.id}</Id>
    <sObject xsi:type="sf:${notification.type}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">
${fields.join('\n')}
    </sObject>
   </Notification>`;
}

/** Escapes a value, and leaves out the control characters that XML 1.0 cannot hold at all. */
function escapeText(value: string): string {
  const isAllowed = (character: string): boolean => character >= ' ' || '\t\n\r'.includes(character);
  return escapeMarkup([...value].filter(isAllowed).join(''));
}
