import { CloudFormationClient, DescribeStacksCommand, type Stack } from '@aws-sdk/client-cloudformation';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { deployedOutputs } from '../../../cli/deployed.ts';
import { askAws, describeAwsFailure } from '../../../cli/errors.ts';
import { invoke } from '../../../cli/invoke.ts';
import { clientRegion } from '../../../cli/region.ts';

const cloudFormation = mockClient(CloudFormationClient);
const lambda = mockClient(LambdaClient);
const ownRegion = process.env.AWS_REGION;
const ownDefaultRegion = process.env.AWS_DEFAULT_REGION;

beforeEach(() => {
  cloudFormation.reset();
  lambda.reset();
  process.env.AWS_REGION = 'eu-central-1';
});
afterAll(() => {
  if (ownRegion === undefined) delete process.env.AWS_REGION;
  else process.env.AWS_REGION = ownRegion;
});

const anError = (name: string, message: string) => Object.assign(new Error(message), { name });

const aStack: Stack = {
  StackName: 'Acme',
  CreationTime: new Date(0),
  StackStatus: 'CREATE_COMPLETE',
  Outputs: [{ OutputKey: 'HttpApiUrl', OutputValue: 'https://api.test' }],
};

describe('the region', () => {
  test.each([
    [{ AWS_DEFAULT_REGION: 'eu-west-1' }, { region: 'eu-west-1' }],
    [{ AWS_REGION: 'eu-central-1', AWS_DEFAULT_REGION: 'eu-west-1' }, { region: 'eu-central-1' }],
    [{ AWS_REGION: '', AWS_DEFAULT_REGION: 'eu-west-1' }, { region: 'eu-west-1' }],
    [{ AWS_PROFILE: 'acme' }, {}],
  ])('of a client under %j is %j', (env, expected) => {
    expect(clientRegion(env)).toEqual(expected);
  });

  test('of a stack may be named by AWS_DEFAULT_REGION alone', async () => {
    delete process.env.AWS_REGION;
    process.env.AWS_DEFAULT_REGION = 'eu-west-1';
    cloudFormation
      .on(DescribeStacksCommand)
      .rejects(anError('ValidationError', 'Stack with id Acme does not exist'));

    await expect(deployedOutputs('Acme')).rejects.toThrow('There is no stack Acme in eu-west-1');

    if (ownDefaultRegion === undefined) delete process.env.AWS_DEFAULT_REGION;
    else process.env.AWS_DEFAULT_REGION = ownDefaultRegion;
  });
});

describe('a deployed stack', () => {
  test('is asked for its outputs by name', async () => {
    cloudFormation.on(DescribeStacksCommand, { StackName: 'Acme' }).resolves({ Stacks: [aStack] });

    const output = await deployedOutputs('Acme');

    expect(output('HttpApiUrl')).toBe('https://api.test');
    expect(() => output('AppSecretArn')).toThrow(
      'Stack Acme has no output AppSecretArn: name the stack of this project by --stack, or deploy it again.',
    );
  });

  test('that does not exist is named, with the region where it was looked for', async () => {
    cloudFormation
      .on(DescribeStacksCommand)
      .rejects(anError('ValidationError', 'Stack with id Acme does not exist'));

    await expect(deployedOutputs('Acme')).rejects.toThrow(
      expect.objectContaining({
        name: 'ExpectedFailure',
        message:
          'There is no stack Acme in eu-central-1: name it by --stack, or set AWS_REGION and AWS_PROFILE to where it is deployed.',
      }),
    );
  });

  test('that cannot be looked up fails with what to do', async () => {
    cloudFormation.on(DescribeStacksCommand).rejects(anError('AccessDenied', 'User u is not authorized'));

    await expect(deployedOutputs('Acme')).rejects.toThrow(
      'These AWS credentials may not look up the stack Acme (User u is not authorized): use a role that may.',
    );
  });
});

describe('what AWS answers to a command that it refuses', () => {
  test.each([
    ['Error', 'Region is missing', /^No AWS region is set: set AWS_REGION/],
    ['CredentialsProviderError', 'Could not load credentials', /^There are no AWS credentials .*: log in/],
    ['TokenProviderError', 'Token is expired', /^There are no AWS credentials .*: log in/],
    [
      'ExpiredTokenException',
      'It is expired',
      /^AWS refuses the credentials \(It is expired\): log in again/,
    ],
    ['ExpiredToken', 'It is expired', /^AWS refuses the credentials/],
    ['UnrecognizedClientException', 'It is invalid', /^AWS refuses the credentials/],
    ['InvalidClientTokenId', 'It is invalid', /^AWS refuses the credentials/],
    ['AccessDeniedException', 'No such right', /^These AWS credentials may not write \(No such right\)/],
    ['Error', 'connect ECONNREFUSED', /^AWS could not write \(Error: connect ECONNREFUSED\): check/],
  ])('%s (%s) becomes a sentence that says what to do', (name, message, sentence) => {
    expect(describeAwsFailure('write', anError(name, message))).toMatch(sentence);
  });

  test('is all that is printed of it', async () => {
    const asking = askAws('write', () => Promise.reject(anError('Throttling', 'Rate exceeded')));

    await expect(asking).rejects.toThrow(expect.objectContaining({ name: 'ExpectedFailure' }));
  });
});

describe('a function', () => {
  test('is invoked with JSON and answers with JSON', async () => {
    lambda
      .on(InvokeCommand, { FunctionName: 'operations', Payload: Buffer.from('{"action":"connections"}') })
      .callsFake(() => ({ Payload: Buffer.from('{"connections":[]}') }));

    const answer = await invoke(new LambdaClient({}), 'operations', { action: 'connections' });

    expect(answer).toEqual({ connections: [] });
  });

  test('that failed says of what, and where to read on', async () => {
    const Payload = Buffer.from('{"errorType":"Runtime.ExitError"}');
    lambda.on(InvokeCommand).callsFake(() => ({ FunctionError: 'Unhandled', Payload }));

    await expect(
      askAws('invoke operations', () => invoke(new LambdaClient({}), 'operations', {})),
    ).rejects.toThrow(
      'operations failed: {"errorType":"Runtime.ExitError"}. The function\'s log in CloudWatch tells more',
    );
  });
});
