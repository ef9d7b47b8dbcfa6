import { dynamoDb, sqs } from '../../shared/aws/clients.ts';
import { DynamoConnections } from '../../shared/aws/connections/connections.ts';
import { SqsHintQueue } from '../../shared/aws/reconciliation/hint-queue.ts';
import { readConfiguration } from '../../shared/runtime/configuration.ts';
import { bundledSyncConfig } from '../../shared/runtime/sync-config.ts';
import { ACK_CONTENT_TYPE, ackFault, ackTrue } from '../../shared/salesforce/outbound-message/ack.ts';
import { OutboundMessageError } from '../../shared/salesforce/outbound-message/envelope.ts';
import { parseOutboundMessage } from '../../shared/salesforce/outbound-message/parse.ts';
import type { AcceptNotificationsPorts } from '../../shared/use-cases/outbound-messages/accept-notifications.ts';
import type { SoapAnswers } from './make-handler.ts';

/** Makes the function's ports from its environment, once. */
export const compose = (): AcceptNotificationsPorts & { readonly soap: SoapAnswers } => {
  const { connectionsTable, hintQueueUrl } = readConfiguration(['connectionsTable', 'hintQueueUrl']);
  return {
    config: bundledSyncConfig(),
    connections: new DynamoConnections({ client: dynamoDb(), name: connectionsTable }),
    hints: new SqsHintQueue(sqs(), hintQueueUrl),
    parse: parseOrProblem,
    soap: { contentType: ACK_CONTENT_TYPE, ackTrue, ackFault },
  };
};

/** What the parser refuses is an answer, not a failure of ours. */
export const parseOrProblem: AcceptNotificationsPorts['parse'] = (soap) => {
  try {
    return parseOutboundMessage(soap);
  } catch (error) {
    if (error instanceof OutboundMessageError) return { problem: error.code };
    throw error;
  }
};
