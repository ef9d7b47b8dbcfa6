import { HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { Construct } from 'constructs';
import type { ConnectionStore } from '../resources/connection-store.ts';
import type { HintQueue } from '../resources/hint-queue.ts';
import type { PublicApi } from '../resources/http-api.ts';
import { type FunctionDefaults, SyncFunction } from '../resources/sync-function.ts';

export interface OutboundMessagesProps {
  readonly defaults: FunctionDefaults;
  readonly api: PublicApi;
  readonly connections: ConnectionStore;
  readonly hints: HintQueue;
}

/** Salesforce's outbound messages: each becomes hints before it is acknowledged. */
export class OutboundMessages extends Construct {
  readonly receiver: SyncFunction;

  constructor(scope: Construct, id: string, { defaults, api, connections, hints }: OutboundMessagesProps) {
    super(scope, id);
    this.receiver = new SyncFunction(this, 'Receiver', {
      defaults,
      entry: 'outbound-message',
      description: 'Turns an outbound message of Salesforce into hints',
    });
    connections.grant(this.receiver, 'GetItem');
    hints.grantSendHints(this.receiver);
    api.addRoutes({
      methods: [HttpMethod.POST],
      path: '/outbound-messages/{connectionId}/{secret}',
      target: this.receiver,
      guardedBy:
        'the secret in the address, compared in constant time, and the organization id in the message',
    });
  }
}
