import { type RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, type HttpMethod, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { SyncFunction } from './sync-function.ts';

/** What a request may cost before somebody's mistake is everybody's. */
const THROTTLE = { rateLimit: 100, burstLimit: 200 };

/**
 * What is logged of a request: the route's key and never the path, since secrets travel in paths and query
 * strings, and nothing that a caller can write into.
 */
const LOGGED = JSON.stringify({
  requestId: '$context.requestId',
  requestTime: '$context.requestTime',
  routeKey: '$context.routeKey',
  status: '$context.status',
  responseLength: '$context.responseLength',
  responseLatencyMs: '$context.responseLatency',
  integrationStatus: '$context.integrationStatus',
});

export interface PublicApiProps {
  readonly logKey: Key;
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
}

/** The HTTP API: throttled, access-logged, without CORS, since no browser script has business here. */
export class PublicApi extends Construct {
  readonly api: HttpApi;

  constructor(scope: Construct, id: string, props: PublicApiProps) {
    super(scope, id);
    this.api = new HttpApi(this, 'Api', {
      createDefaultStage: false,
      description: 'Salesforce Sync: OAuth and outbound messages',
    });
    const logGroup = new LogGroup(this, 'AccessLog', {
      encryptionKey: props.logKey,
      retention: props.logRetention,
      removalPolicy: props.removalPolicy,
    });
    new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: THROTTLE,
      accessLogSettings: {
        destination: new LogGroupLogDestination(logGroup),
        format: AccessLogFormat.custom(LOGGED),
      },
    });
  }
}

export interface PublicRoute {
  readonly method: HttpMethod;
  readonly path: string;
  readonly target: SyncFunction;
  /** What keeps strangers out, in place of an authorizer. */
  readonly guardedBy: string;
}

/** Adds a route that people or Salesforce call without AWS credentials. */
export const addPublicRoute = (api: HttpApi, { method, path, target, guardedBy }: PublicRoute): void => {
  const integration = new HttpLambdaIntegration(`${target.node.id}Integration`, target);
  for (const route of api.addRoutes({ path, methods: [method], integration })) {
    Validations.of(route).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason: `Called without AWS credentials; guarded by ${guardedBy}.`,
    });
  }
};
