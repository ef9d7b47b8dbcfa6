import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DecryptCommand, GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { StepFunctionsBulkExecutions } from '../../../shared/aws/bulk/bulk-executions.ts';
import { SecretsManagerAppSecrets } from '../../../shared/aws/connections/app-secrets.ts';
import { EventBridgeEvents } from '../../../shared/aws/connections/events.ts';
import { KmsTokenVault } from '../../../shared/aws/connections/token-vault.ts';

const settings = { region: 'us-east-1' };

describe('bulk executions', () => {
  const client = new SFNClient(settings);
  const stepFunctions = mockClient(client);
  const executions = new StepFunctionsBulkExecutions(client, { load: 'arn:load', push: 'arn:push' });
  const input = { bulkJobId: 'job-1', mappingId: 'c.contact' };
  beforeEach(() => {
    stepFunctions.reset();
  });

  test('are named by our bulk job, and get its id and the mapping’s', async () => {
    stepFunctions.on(StartExecutionCommand).resolves({});

    await executions.startLoad(input);
    await executions.startPush(input);

    const started = stepFunctions.commandCalls(StartExecutionCommand).map((call) => call.args[0].input);
    expect(started).toEqual([
      { stateMachineArn: 'arn:load', name: 'load-job-1', input: JSON.stringify(input) },
      { stateMachineArn: 'arn:push', name: 'push-job-1', input: JSON.stringify(input) },
    ]);
  });

  test('that exist already count as started', async () => {
    const exists = Object.assign(new Error('exists'), { name: 'ExecutionAlreadyExists' });
    stepFunctions.on(StartExecutionCommand).rejects(exists);

    await expect(executions.startLoad(input)).resolves.toBeUndefined();
  });

  test('that are refused are an error', async () => {
    const missing = Object.assign(new Error('missing'), {
      name: 'StateMachineDoesNotExist',
      $metadata: { httpStatusCode: 400 },
    });
    stepFunctions.on(StartExecutionCommand).rejects(missing);

    await expect(executions.startLoad(input)).rejects.toMatchObject({ name: 'Refused' });
  });
});

describe('events', () => {
  const client = new EventBridgeClient(settings);
  const eventBridge = mockClient(client);
  const events = new EventBridgeEvents(client, 'bus');
  const event = {
    type: 'Connection Requires Reauthorization',
    detail: { connectionId: 'c', orgId: 'tenant', sfOrgId: '00D', reason: 'invalid_grant' },
  } as const;
  beforeEach(() => {
    eventBridge.reset();
  });

  test('go onto the bus with our source', async () => {
    eventBridge.on(PutEventsCommand).resolves({ FailedEntryCount: 0 });

    await events.publish(event);

    const [call] = eventBridge.commandCalls(PutEventsCommand);
    expect(call?.args[0].input.Entries).toEqual([
      {
        EventBusName: 'bus',
        Source: 'salesforce-sync',
        DetailType: 'Connection Requires Reauthorization',
        Detail: JSON.stringify(event.detail),
      },
    ]);
  });

  test('that an answer of 200 refused are sent again, and fail in the end', async () => {
    eventBridge
      .on(PutEventsCommand)
      .resolvesOnce({ FailedEntryCount: 1 })
      .resolvesOnce({ FailedEntryCount: 0 });
    await events.publish(event);
    expect(eventBridge.calls()).toHaveLength(2);

    eventBridge.on(PutEventsCommand).resolves({ FailedEntryCount: 1 });
    await expect(events.publish(event)).rejects.toMatchObject({ next: { do: 'retry' } });
  });
});

describe('app secrets', () => {
  const client = new SecretsManagerClient(settings);
  const secretsManager = mockClient(client);
  const filled = { clientId: 'id', clientSecret: 'hidden', redirectUri: 'https://a.test/callback' };
  let nowMs = 0;
  const open = () =>
    new SecretsManagerAppSecrets({
      client,
      appSecretArn: 'arn:app',
      signingSecretArn: 'arn:signing',
      nowMs: () => nowMs,
    });
  beforeEach(() => {
    secretsManager.reset();
    nowMs = 0;
  });

  test('are read once for five minutes, also by many at once', async () => {
    secretsManager
      .on(GetSecretValueCommand)
      .resolves({ SecretString: JSON.stringify({ ...filled, other: 1 }) });
    const secrets = open();

    const read = await Promise.all([secrets.credentials(), secrets.credentials()]);
    nowMs = 5 * 60_000 - 1;
    await secrets.credentials();
    expect(secretsManager.calls()).toHaveLength(1);
    nowMs += 1;
    await secrets.credentials();

    expect(secretsManager.calls()).toHaveLength(2);
    expect(read).toEqual([filled, filled]);
  });

  test('hold the signing key as plain text', async () => {
    secretsManager.on(GetSecretValueCommand, { SecretId: 'arn:signing' }).resolves({ SecretString: 'key' });

    expect(await open().signingKey()).toBe('key');
  });

  test.each([
    ['not JSON', { SecretString: 'generated' }],
    ['an empty object', { SecretString: '{}' }],
    ['an empty value', { SecretString: JSON.stringify({ ...filled, clientSecret: '' }) }],
  ])('that hold %s say what to do, and are looked at anew the next time', async (_, answer) => {
    secretsManager
      .on(GetSecretValueCommand)
      .resolvesOnce(answer)
      .resolves({ SecretString: JSON.stringify(filled) });
    const secrets = open();

    const refused = secrets.credentials();
    await expect(refused).rejects.toMatchObject({ name: 'ConfigurationError', next: { do: 'stop' } });
    await expect(refused).rejects.toThrow('npm run configure');
    await expect(refused).rejects.not.toThrow('hidden');

    expect(await secrets.credentials()).toEqual(filled);
  });

  test('without any value yet say what to do', async () => {
    const missing = Object.assign(new Error('no value'), { name: 'ResourceNotFoundException' });
    secretsManager.on(GetSecretValueCommand).rejects(missing);

    await expect(open().credentials()).rejects.toThrow('npm run configure');
  });

  test('do not keep a failure', async () => {
    secretsManager
      .on(GetSecretValueCommand)
      .rejectsOnce(new Error('broken'))
      .resolves({ SecretString: 'key' });
    const secrets = open();

    await expect(secrets.signingKey()).rejects.toMatchObject({ name: 'StoreUnavailable' });
    expect(await secrets.signingKey()).toBe('key');
  });
});

describe('the token vault', () => {
  test('binds the data key to tenant, org and purpose, and wipes it after use', async () => {
    const client = new KMSClient(settings);
    const kms = mockClient(client);
    const dataKeys = [new Uint8Array(32).fill(7), new Uint8Array(32).fill(7)] as const;
    kms.on(GenerateDataKeyCommand).resolves({ Plaintext: dataKeys[0], CiphertextBlob: new Uint8Array([1]) });
    kms.on(DecryptCommand).resolves({ Plaintext: dataKeys[1] });
    const vault = new KmsTokenVault(client, 'arn:key');
    const pair = { accessToken: 'access', refreshToken: 'refresh' };
    const context = { orgId: 'tenant', sfOrgId: '00D' };

    expect(await vault.open(await vault.seal(pair, context), context)).toEqual(pair);

    const EncryptionContext = { orgId: 'tenant', sfOrgId: '00D', purpose: 'salesforce-tokens' };
    expect(kms.commandCalls(GenerateDataKeyCommand)[0]?.args[0].input).toEqual({
      KeyId: 'arn:key',
      KeySpec: 'AES_256',
      EncryptionContext,
    });
    expect(kms.commandCalls(DecryptCommand)[0]?.args[0].input).toMatchObject({ EncryptionContext });
    for (const dataKey of dataKeys) expect(dataKey.every((byte) => byte === 0)).toBe(true);
  });
});
