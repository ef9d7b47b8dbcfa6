import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** A resource with a wildcard in a policy, and why it stands. */
export interface Wildcard {
  /** The resource as the policy names it. */
  readonly resource: string;
  readonly reason: string;
}

/** AWS offers no resource for these actions. */
export const NO_RESOURCES: Wildcard = {
  resource: '*',
  reason:
    'Sending traces to X-Ray, and setting up the delivery of logs for state machines, take no resource.',
};

/** A grant to invoke covers a function's versions and aliases too; ours has none. */
export const versionsOf = (functionArn: string): Wildcard => ({
  resource: `${functionArn}:*`,
  reason: 'The versions and aliases of this one function.',
});

/** Acknowledges wildcards on one role, each with its reason, so that any other wildcard is still found. */
export const acknowledgeWildcards = (role: IConstruct, ...wildcards: readonly Wildcard[]): void => {
  for (const { resource, reason } of wildcards) {
    const finding = `Resource::${asFound(Stack.of(role).resolve(resource))}`;
    Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[${finding}]`, reason });
  }
};

/** An ARN as the rule pack prints it, with references as `<LogicalId.Attribute>`. */
const asFound = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return String(value);
  if ('Ref' in value) return `<${String(value.Ref)}>`;
  if ('Fn::GetAtt' in value && Array.isArray(value['Fn::GetAtt']))
    return `<${value['Fn::GetAtt'].join('.')}>`;
  if ('Fn::Join' in value && Array.isArray(value['Fn::Join'])) {
    const [separator, parts] = value['Fn::Join'];
    if (Array.isArray(parts)) return parts.map(asFound).join(String(separator));
  }
  return JSON.stringify(value);
};
