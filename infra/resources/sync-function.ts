import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import {
  Architecture,
  CfnFunction,
  Function as LambdaFunction,
  LoggingFormat,
  type RecursiveLoop,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { ENVIRONMENT } from '../../shared/contracts/environment.ts';
import { FUNCTION_TIMEOUT_SECONDS } from '../../shared/contracts/lifetimes.ts';
import type { SyncConfig } from '../../shared/contracts/sync-config.ts';
import { acknowledgeWildcards, NO_RESOURCES } from './acknowledgements.ts';
import { bundledCode } from './bundle.ts';
import { environmentProblems } from './environment-size.ts';

/** What all functions have in common. */
export interface FunctionDefaults {
  readonly sourceRoot: string;
  readonly config: SyncConfig;
  /** Encrypts the logs. */
  readonly logKey: Key;
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
  readonly trustedSalesforceOrigins: readonly string[];
}

export interface SyncFunctionProps {
  readonly defaults: FunctionDefaults;
  /** The folder below `functions`. */
  readonly entry: string;
  readonly description: string;
  /** More memory is more CPU too. @default 512 */
  readonly memoryMb?: number;
  /** How long an invocation may take. @default FUNCTION_TIMEOUT_SECONDS */
  readonly timeoutSeconds?: number;
  /** @default Lambda ends a chain of Lambda and SQS after 16 rounds */
  readonly recursiveLoop?: RecursiveLoop;
}

/**
 * A function with our defaults: Node 24 on arm64, its own bundle, role and log group, traced, logging JSON.
 * Its role starts with no more than writing its own log and traces; what it may do besides is granted by the
 * resources, which also tell it their names.
 */
export class SyncFunction extends LambdaFunction {
  readonly entry: string;
  /** Its role, which no other function has. */
  readonly ownRole: Role;

  constructor(scope: Construct, id: string, { defaults, ...props }: SyncFunctionProps) {
    const role = new Role(scope, `${id}Role`, {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `Of the function ${props.entry}`,
    });
    const logGroup = new LogGroup(scope, `${id}Log`, {
      encryptionKey: defaults.logKey,
      retention: defaults.logRetention,
      removalPolicy: defaults.removalPolicy,
    });
    super(scope, id, {
      description: props.description,
      code: bundledCode({ ...defaults, entry: props.entry }),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memoryMb ?? 512,
      timeout: Duration.seconds(props.timeoutSeconds ?? FUNCTION_TIMEOUT_SECONDS),
      tracing: Tracing.ACTIVE,
      loggingFormat: LoggingFormat.JSON,
      role,
      logGroup,
      environment: { NODE_OPTIONS: '--enable-source-maps', POWERTOOLS_SERVICE_NAME: props.entry },
      ...(props.recursiveLoop === undefined ? {} : { recursiveLoop: props.recursiveLoop }),
    });
    this.entry = props.entry;
    this.ownRole = role;
    this.addToRolePolicy(
      new PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
    );
    acknowledgeWildcards(role, NO_RESOURCES);
    const tableCount = Object.keys(defaults.config.localTables).length;
    this.node.addValidation({
      // Only then has everybody told it what there is to know.
      validate: () =>
        CfnFunction.isCfnFunction(this.node.defaultChild)
          ? environmentProblems(this.node.defaultChild, tableCount)
          : [],
    });
  }

  /** Gives the function a value to read from its environment; twice the same is once. */
  tell(name: string, value: string): void {
    this.addEnvironment(name, value);
  }

  /** For a function that talks to Salesforce: the further origins that count as Salesforce's. */
  trustOrigins(origins: readonly string[]): void {
    this.tell(ENVIRONMENT.trustedSalesforceOrigins, JSON.stringify(origins));
  }
}
