import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { ENVIRONMENT } from '../../shared/contracts/environment.ts';
import type { SyncFunction } from './sync-function.ts';

/** Lets a function put our events onto the bus, and tells it which bus. */
export const grantPublish = (bus: IEventBus, target: SyncFunction): void => {
  target.tell(ENVIRONMENT.eventBusName, bus.eventBusName);
  target.addToRolePolicy(
    new PolicyStatement({ actions: ['events:PutEvents'], resources: [bus.eventBusArn] }),
  );
};
