import { describe, expect, test } from '@jest/globals';
import { MAX_KEYS_PER_HINT } from '../../shared/contracts/hints.ts';
import { HINT_VISIBILITY_SECONDS, WORKER_TIMEOUT_SECONDS } from '../../shared/contracts/lifetimes.ts';
import { aSyncStack, asText, CONFIG, SynthesisedTemplate } from './synthesis.ts';

const synthesised = new SynthesisedTemplate(aSyncStack());
const propertiesOf = (from: SynthesisedTemplate, type: string, prefix: string) =>
  from.resources[from.idOf(type, prefix)]?.Properties ?? {};

describe('the hint queue', () => {
  const queue = propertiesOf(synthesised, 'AWS::SQS::Queue', 'SyncHintsQueue');
  const workerOf = (from: SynthesisedTemplate) =>
    propertiesOf(from, 'AWS::Lambda::Function', 'SyncReconciliationWorker');
  const worker = workerOf(synthesised);

  test('is a standard queue, so that a hidden message holds up no other one', () => {
    for (const name of [
      'FifoQueue',
      'DeduplicationScope',
      'FifoThroughputLimit',
      'ContentBasedDeduplication',
    ])
      expect(queue).not.toHaveProperty(name);
  });

  test('shows a message again within two minutes of the death of its worker, however early, and keeps it longer than all receipts take', () => {
    expect(queue.VisibilityTimeout).toBe(HINT_VISIBILITY_SECONDS);
    expect(HINT_VISIBILITY_SECONDS).toBeLessThanOrEqual(120);
    expect(HINT_VISIBILITY_SECONDS).toBeGreaterThan(WORKER_TIMEOUT_SECONDS);
    expect(worker.Timeout).toBe(WORKER_TIMEOUT_SECONDS);
    expect(queue.MessageRetentionPeriod).toBeGreaterThan(HINT_VISIBILITY_SECONDS * 8);
  });

  test('has dead letters, of its own kind', () => {
    const { deadLetterTargetArn, maxReceiveCount } = queue.RedrivePolicy as Record<string, unknown>;
    expect(asText(deadLetterTargetArn)).toContain('SyncHintsDeadLetters');
    expect(maxReceiveCount).toBe(8);
    expect(propertiesOf(synthesised, 'AWS::SQS::Queue', 'SyncHintsDeadLetters')).not.toHaveProperty(
      'FifoQueue',
    );
  });

  test('feeds the worker ten at a time, each answered for by itself, no more workers than said', () => {
    const mapping = (from: SynthesisedTemplate) =>
      propertiesOf(from, 'AWS::Lambda::EventSourceMapping', 'SyncReconciliationHints');
    expect(mapping(synthesised)).toMatchObject({
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 20 },
    });
    const narrow = new SynthesisedTemplate(aSyncStack({ workerConcurrency: 2 }));
    expect(mapping(narrow)).toMatchObject({ ScalingConfig: { MaximumConcurrency: 2 } });
  });

  test('feeds a lone message at once', () => {
    expect(
      propertiesOf(synthesised, 'AWS::Lambda::EventSourceMapping', 'SyncReconciliationHints'),
    ).not.toHaveProperty('MaximumBatchingWindowInSeconds');
  });

  test.each([
    [20, '5'],
    [50, '12'],
    [2, '2'],
  ])('lets of %i workers %s call one org at once', (workerConcurrency, slots) => {
    const { Environment } = workerOf(new SynthesisedTemplate(aSyncStack({ workerConcurrency })));
    expect(Environment).toMatchObject({ Variables: { ORG_SLOTS: slots } });
  });

  test('may be fed by the worker itself for more rounds than Lambda allows by default', () => {
    expect(worker.RecursiveLoop).toBe('Allow');
    const others = synthesised
      .ofType('AWS::Lambda::Function')
      .filter(([, { Properties }]) => Properties.RecursiveLoop);
    expect(others).toHaveLength(1);
  });
});

describe('the stream of a local table', () => {
  test('carries the item before and after, and is retried a bounded number of times', () => {
    const table = propertiesOf(synthesised, 'AWS::DynamoDB::GlobalTable', 'SyncLocalTablescontacts');
    expect(table.StreamSpecification).toEqual({ StreamViewType: 'NEW_AND_OLD_IMAGES' });
    expect(
      propertiesOf(synthesised, 'AWS::Lambda::EventSourceMapping', 'SyncLocalChangescontacts'),
    ).toMatchObject({
      BatchSize: MAX_KEYS_PER_HINT,
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 12,
      MaximumRecordAgeInSeconds: 21_600,
      StartingPosition: 'TRIM_HORIZON',
    });
  });

  test('leaves discarded batches whole in a bucket', () => {
    const source = propertiesOf(synthesised, 'AWS::Lambda::EventSourceMapping', 'SyncLocalChangescontacts');
    const { OnFailure } = source.DestinationConfig as { OnFailure: { Destination: unknown } };
    expect(asText(OnFailure.Destination)).toMatch(/^<SyncLocalChangesDiscarded\w+\.Arn>$/);
    expect(source).not.toHaveProperty('FunctionResponseTypes');
  });

  test('of a table for many tenants comes with an index by tenant, then by key, of keys alone', () => {
    const table = propertiesOf(synthesised, 'AWS::DynamoDB::GlobalTable', 'SyncLocalTablescontacts');

    expect(table.GlobalSecondaryIndexes).toEqual([
      {
        IndexName: 'byTenant',
        KeySchema: [
          { AttributeName: 'tenantId', KeyType: 'HASH' },
          { AttributeName: 'contactId', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ]);
    const localTables = { contacts: { keyField: 'contactId', tenant: 'acme' } };
    const ofOneTenant = new SynthesisedTemplate(aSyncStack({ config: { ...CONFIG, localTables } }));
    expect(
      propertiesOf(ofOneTenant, 'AWS::DynamoDB::GlobalTable', 'SyncLocalTablescontacts'),
    ).not.toHaveProperty('GlobalSecondaryIndexes');
  });

  test.each([
    ['by the index that it names', { tenantField: 'tenantId' }, { tenantIndex: 'by-tenant' }],
    ['as a whole where it is one tenant’s', { tenant: 'acme' }, {}],
  ])('of an existing table may be searched %s', (_how, tenancy, index) => {
    const tableArn = 'arn:aws:dynamodb:eu-central-1:111122223333:table/people';
    const existing = { tableArn, streamArn: `${tableArn}/stream/2026-01-01T00:00:00.000`, ...index };
    const localTables = { contacts: { keyField: 'id', ...tenancy, existing } };

    const policies = JSON.stringify(
      new SynthesisedTemplate(aSyncStack({ config: { ...CONFIG, localTables } })).ofType('AWS::IAM::Policy'),
    );

    const isIndexed = Object.keys(index).length > 0;
    expect(policies.includes(`${tableArn}/index/by-tenant`)).toBe(isIndexed);
    expect(policies.includes('dynamodb:Scan')).toBe(!isIndexed);
  });

  test('is that of an existing table where one is named', () => {
    const tableArn = 'arn:aws:dynamodb:eu-central-1:111122223333:table/people';
    const existing = {
      tableArn,
      streamArn: `${tableArn}/stream/2026-01-01T00:00:00.000`,
      keyArn: 'arn:aws:kms:eu-central-1:111122223333:key/0b1c',
    };
    const localTables = { contacts: { keyField: 'id', tenant: 'acme', existing } };
    const from = new SynthesisedTemplate(aSyncStack({ config: { ...CONFIG, localTables } }));

    expect(from.ofType('AWS::DynamoDB::GlobalTable')).toHaveLength(2);
    const source = propertiesOf(from, 'AWS::Lambda::EventSourceMapping', 'SyncLocalChangescontacts');
    expect(source.EventSourceArn).toBe(existing.streamArn);
    const worker = propertiesOf(from, 'AWS::Lambda::Function', 'SyncReconciliationWorker');
    const { Variables } = worker.Environment as { Variables: Record<string, string> };
    expect(JSON.parse(String(Variables.LOCAL_TABLES))).toEqual({ contacts: 'people' });
    expect(JSON.stringify(from.ofType('AWS::IAM::Policy'))).toContain(existing.keyArn);
  });
});

describe('schedules and rules', () => {
  test('dispatch every minute and clean up every hour, with dead letters', () => {
    const schedules = synthesised.ofType('AWS::Scheduler::Schedule').map(([, { Properties }]) => {
      const { DeadLetterConfig } = Properties.Target as { DeadLetterConfig: { Arn: unknown } };
      return [Properties.ScheduleExpression, asText(DeadLetterConfig.Arn).replace(/[0-9A-F]{8}\.Arn/, '')];
    });
    expect(schedules.sort()).toEqual([
      ['rate(1 hour)', '<SyncBulkJobsCleanupDeadLetters>'],
      ['rate(1 minute)', '<SyncSchedulesDeadLetters>'],
    ]);
  });

  test('lend their roles to Scheduler for this account alone', () => {
    const trust = synthesised
      .ofType('AWS::IAM::Role')
      .map(([, { Properties }]) => Properties.AssumeRolePolicyDocument as { Statement: object[] })
      .flatMap(({ Statement }) => Statement)
      .filter((statement) => JSON.stringify(statement).includes('scheduler.amazonaws.com'));
    expect(trust).toHaveLength(2);
    for (const statement of trust) {
      expect(statement).toMatchObject({
        Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } },
      });
    }
  });

  test('keep what an asynchronous invocation could not do', () => {
    const invocations = synthesised
      .ofType('AWS::Lambda::EventInvokeConfig')
      .map(([, { Properties }]) => Properties);
    expect(invocations).toHaveLength(2);
    for (const { DestinationConfig } of invocations) {
      const { OnFailure } = DestinationConfig as { OnFailure: { Destination: unknown } };
      expect(asText(OnFailure.Destination)).toContain('DeadLetters');
    }
  });

  test('call the clean-up when an execution of either machine ends badly', () => {
    const rule = propertiesOf(synthesised, 'AWS::Events::Rule', 'SyncBulkJobs');
    const pattern = rule.EventPattern as { detail: { status: string[]; stateMachineArn: unknown[] } };
    expect(pattern.detail.status.sort()).toEqual(['ABORTED', 'FAILED', 'TIMED_OUT']);
    expect(pattern.detail.stateMachineArn).toHaveLength(2);
    expect(rule.Targets).toEqual([expect.objectContaining({ DeadLetterConfig: expect.anything() })]);
  });
});
