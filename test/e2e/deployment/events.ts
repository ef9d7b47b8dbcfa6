import {
  DeleteRuleCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import type { LocalStack } from '../../../local/stack/local-stack.ts';
import { until } from '../../../local/stack/tenant.ts';
import type { Tenant } from './tenants.ts';

/**
 * A person's own rule on the bus for events of one connection, with a queue behind it.
 *
 * @param types - of which kinds (`detail-type`)
 */
export async function eventsOf(
  stack: LocalStack,
  { connectionId }: Pick<Tenant, 'connectionId'>,
  types: readonly string[],
) {
  const { AWS_ENDPOINT_URL = '' } = stack.awsEnv;
  const bus = new EventBridgeClient({ endpoint: AWS_ENDPOINT_URL });
  const { sqs } = stack.clients;
  const name = `e2e-events-${connectionId}`;
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: Attributes.QueueArn,
      },
    ],
  });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  const EventPattern = JSON.stringify({
    source: ['salesforce-sync'],
    'detail-type': types,
    detail: { connectionId: [connectionId] },
  });
  await bus.send(new PutRuleCommand({ Name: name, EventPattern }));
  await bus.send(new PutTargetsCommand({ Rule: name, Targets: [{ Id: 'queue', Arn: Attributes.QueueArn }] }));
  return {
    next: () =>
      until('The event', async () => {
        const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
        return Messages[0]?.Body === undefined ? undefined : (JSON.parse(Messages[0].Body) as object);
      }),
    stop: async () => {
      await bus.send(new RemoveTargetsCommand({ Rule: name, Ids: ['queue'] }));
      await bus.send(new DeleteRuleCommand({ Name: name }));
      await sqs.send(new DeleteQueueCommand({ QueueUrl }));
      bus.destroy();
    },
  };
}
