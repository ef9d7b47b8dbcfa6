import { HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../../shared/contracts/environment.ts';
import type { ConnectionStore } from '../resources/connection-store.ts';
import { grantPublish } from '../resources/event-bus.ts';
import { type PublicApi, THROTTLE_OF_PEOPLE } from '../resources/http-api.ts';
import { type FunctionDefaults, SyncFunction } from '../resources/sync-function.ts';
import type { SyncStateStore } from '../resources/sync-state-store.ts';

export interface ConnectionsProps {
  readonly defaults: FunctionDefaults;
  readonly api: PublicApi;
  readonly connections: ConnectionStore;
  readonly syncState: SyncStateStore;
  /** Told when a connection is established. */
  readonly events: IEventBus;
}

/** How a tenant connects an org: the two ends of OAuth's web-server flow. */
export class Connections extends Construct {
  readonly authorize: SyncFunction;
  readonly callback: SyncFunction;

  constructor(scope: Construct, id: string, props: ConnectionsProps) {
    super(scope, id);
    this.authorize = this.createAuthorize(props);
    this.callback = this.createCallback(props);
  }

  private createAuthorize({ defaults, api, connections }: ConnectionsProps): SyncFunction {
    const authorize = new SyncFunction(this, 'Authorize', {
      defaults,
      entry: 'oauth-authorize',
      description:
        "Asks whether to connect, and exchanges a signed ticket for the way to Salesforce's login page",
    });
    authorize.trustOrigins(defaults.trustedSalesforceOrigins);
    // A used ticket and a pending state, each put on the condition that it is new.
    connections.grant(authorize, 'PutItem');
    connections.appSecret.grantRead(authorize, ENVIRONMENT.appSecretArn);
    connections.signingSecret.grantRead(authorize, ENVIRONMENT.signingSecretArn);
    api.addRoutes({
      methods: [HttpMethod.GET, HttpMethod.POST],
      path: '/oauth/authorize',
      target: authorize,
      guardedBy: 'a signed single-use ticket of ten minutes, which only an IAM-authorised call gives out',
      throttle: THROTTLE_OF_PEOPLE,
    });
    return authorize;
  }

  private createCallback(props: ConnectionsProps): SyncFunction {
    const { defaults, api, connections, syncState, events } = props;
    const callback = new SyncFunction(this, 'Callback', {
      defaults,
      entry: 'oauth-callback',
      description: 'Exchanges the code that Salesforce sent back for tokens and stores the connection',
    });
    callback.trustOrigins(defaults.trustedSalesforceOrigins);
    // The state is read and deleted in one; the connection is put once and updated ever after.
    connections.grant(callback, 'GetItem', 'PutItem', 'UpdateItem', 'DeleteItem');
    connections.grantSealTokens(callback);
    connections.appSecret.grantRead(callback, ENVIRONMENT.appSecretArn);
    connections.signingSecret.grantRead(callback, ENVIRONMENT.signingSecretArn);
    // The mappings of a connection: those there are, and new ones, due at once.
    syncState.grant(callback, 'PutItem', 'UpdateItem', 'Query');
    grantPublish(events, callback);
    api.addRoutes({
      methods: [HttpMethod.GET],
      path: '/oauth/callback',
      target: callback,
      guardedBy: 'a single-use state of ten minutes, bound to the browser that began',
      throttle: THROTTLE_OF_PEOPLE,
    });
    return callback;
  }
}
