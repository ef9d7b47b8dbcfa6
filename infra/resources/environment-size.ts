import { CfnResource, Stack, Token } from 'aws-cdk-lib';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';

/** Lambda developer guide, "Lambda quotas": all variables of a function together, as JSON. */
const MAX_BYTES = 4096;

/** What CloudFormation appends to a name that it makes: a hyphen and some twelve characters. */
const SUFFIX_CHARS = 14;
/** The longest name of a stack, for one that CloudFormation names: a nested one. */
const MAX_STACK_NAME_CHARS = 128;
/** The longest name of a table; of everything else names are shorter. */
const MAX_NAME_CHARS = 255;
/** What an ARN or a URL has beside the name: service, the longest region, account, type. */
const AROUND_NAME_CHARS = 90;

/** Resources whose `Ref` is their name; of the others it may be an ARN or a URL. */
const REF_IS_NAME = new Set(['AWS::DynamoDB::GlobalTable', 'AWS::DynamoDB::Table', 'AWS::S3::Bucket']);

/**
 * Why Lambda would perhaps refuse a function's environment at the deployment: its size, once CloudFormation has put
 * names in, each as long as it can be.
 *
 * @param tableCount - local tables, whose names are what a config makes long
 */
export const environmentProblems = (target: CfnFunction, tableCount: number): string[] => {
  const bytes = environmentBytes(target);
  if (bytes <= MAX_BYTES) return [];
  return [
    `Its environment may take ${bytes} bytes, and Lambda takes ${MAX_BYTES}. Most are the names of ${tableCount} local tables: name fewer of them, or give the stack a shorter name.`,
  ];
};

const environmentBytes = (target: CfnFunction): number => {
  const stack = Stack.of(target);
  const resources = new Map(
    stack.node
      .findAll()
      .filter((node) => CfnResource.isCfnResource(node))
      .map((resource) => [stack.resolve(resource.logicalId), resource.cfnResourceType]),
  );
  /** With something as long as it can be wherever CloudFormation will put something in. */
  const textOf = (value: unknown): string => {
    if (typeof value !== 'object' || value === null) return String(value);
    const [kind, argument] = Object.entries(value)[0] ?? [];
    if (kind === 'Fn::Join' && Array.isArray(argument)) {
      const [separator, parts] = argument as [string, unknown[]];
      return parts.map(textOf).join(separator);
    }
    const [logicalId] = [argument].flat();
    const isName = kind === 'Ref' && REF_IS_NAME.has(resources.get(logicalId) ?? '');
    return 'x'.repeat(nameChars(stack, String(logicalId)) + (isName ? 0 : AROUND_NAME_CHARS));
  };
  const { variables = {} } = stack.resolve(target.environment) ?? {};
  const values = Object.entries(variables).map(([name, value]) => [name, textOf(value)]);
  return Buffer.byteLength(JSON.stringify(Object.fromEntries(values)));
};

/** CloudFormation makes a name of the stack's, the logical id and a suffix. */
const nameChars = ({ stackName }: Stack, logicalId: string): number => {
  const stackChars = Token.isUnresolved(stackName) ? MAX_STACK_NAME_CHARS : stackName.length;
  return Math.min(stackChars + 1 + logicalId.length + SUFFIX_CHARS, MAX_NAME_CHARS);
};
