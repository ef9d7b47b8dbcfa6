import middy from '@middy/core';
import type { Log } from '../../shared/runtime/logging.ts';
import { answerFailures } from '../../shared/runtime/middleware/answer-failures.ts';
import type { HttpAnswer } from '../../shared/runtime/middleware/http.ts';
import {
  type AcceptNotificationsPorts,
  acceptNotifications,
} from '../../shared/use-cases/outbound-messages/accept-notifications.ts';
import { outboundMessageEvent } from './event.ts';

/** The SOAP bodies that Salesforce understands. */
export interface SoapAnswers {
  readonly contentType: string;
  readonly ackTrue: () => string;
  /** Salesforce keeps the message and sends it again; an admin reads the reason. */
  readonly ackFault: (reason: string) => string;
}

/** `POST /outbound-messages/{connectionId}/{secret}`: anything but `Ack true` and Salesforce sends again. */
export const makeHandler = (
  { soap, ...ports }: AcceptNotificationsPorts & { readonly soap: SoapAnswers },
  log: Log,
) => {
  const answer = (statusCode: number, body: string): HttpAnswer => ({
    statusCode,
    headers: { 'content-type': soap.contentType },
    body,
  });
  return middy<unknown, HttpAnswer>()
    .use(answerFailures(log, () => answer(503, soap.ackFault('Not stored; send again.'))))
    .handler(async (event) => {
      const unknownAddress = () => answer(404, soap.ackFault('There is no such address.'));
      const parsed = outboundMessageEvent.safeParse(event);
      if (!parsed.success) return unknownAddress();
      const { pathParameters, body, isBase64Encoded } = parsed.data;
      const outcome = await acceptNotifications(ports, {
        ...pathParameters,
        soap: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
      });
      const connectionId = loggable(outcome, pathParameters);
      log.info('Outbound message', { connectionId, ...outcome });
      if (outcome.kind === 'accepted' && outcome.unreadable > 0) {
        log.error('Notifications were passed over', { connectionId, unreadable: outcome.unreadable });
      }
      switch (outcome.kind) {
        case 'accepted':
          return answer(200, soap.ackTrue());
        case 'unknown-address':
          return unknownAddress();
        case 'malformed':
          return answer(400, soap.ackFault(`Not an outbound message (${outcome.problem}).`));
        case 'other-organization':
          return answer(403, soap.ackFault('This address belongs to another organization.'));
      }
    });
};

/** Anybody can write anything into the address of an unknown connection. */
const loggable = ({ kind }: { kind: string }, path: { readonly connectionId: string }): string =>
  kind === 'unknown-address' ? 'unknown' : path.connectionId;
