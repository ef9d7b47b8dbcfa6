import { type RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  type CfnStage,
  HttpApi,
  type HttpMethod,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { SyncFunction } from './sync-function.ts';

/** For all routes together, so that one caller's mistake does not use up the account's own limit. */
const THROTTLE = { rateLimit: 100, burstLimit: 200 };
/** For routes that people click through. Each click costs calls to KMS and Salesforce, and a flood of them must not hold up the other routes. */
export const THROTTLE_OF_PEOPLE: Throttle = { rateLimit: 5, burstLimit: 10 };

/** Requests a second, and how many at once beyond that. */
export interface Throttle {
  readonly rateLimit: number;
  readonly burstLimit: number;
}

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
  private readonly stage: HttpStage;
  private readonly routeSettings: Record<string, object> = {};

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
    this.stage = new HttpStage(this, 'Stage', {
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

  /** Adds routes to one function, which people or Salesforce call without AWS credentials. */
  addRoutes({ methods, path, target, guardedBy, throttle }: PublicRoutes): void {
    const integration = new HttpLambdaIntegration(`${target.node.id}Integration`, target);
    for (const route of this.api.addRoutes({ path, methods: [...methods], integration })) {
      Validations.of(route).acknowledge({
        id: 'AwsSolutions-APIG4',
        reason: `Called without AWS credentials; guarded by ${guardedBy}.`,
      });
      // The stage's settings name the route, which has to be there by then.
      if (throttle !== undefined) this.stage.node.addDependency(route);
    }
    if (throttle !== undefined) for (const method of methods) this.throttle(`${method} ${path}`, throttle);
  }

  private throttle(routeKey: string, { rateLimit, burstLimit }: Throttle): void {
    this.routeSettings[routeKey] = { ThrottlingRateLimit: rateLimit, ThrottlingBurstLimit: burstLimit };
    // `HttpStage` has no prop for it.
    (this.stage.node.defaultChild as CfnStage).addPropertyOverride('RouteSettings', this.routeSettings);
  }
}

export interface PublicRoutes {
  readonly methods: readonly HttpMethod[];
  readonly path: string;
  readonly target: SyncFunction;
  /** What keeps strangers out, in place of an authorizer. */
  readonly guardedBy: string;
  /** @default what the whole API takes */
  readonly throttle?: Throttle;
}
