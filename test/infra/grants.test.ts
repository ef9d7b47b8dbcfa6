import { describe, expect, test } from '@jest/globals';
import type { SyncConfigInput } from '../../shared/contracts/sync-config.ts';
import { must } from '../../shared/sync/assert.ts';
import {
  actionsOf,
  aSyncStack,
  asText,
  CONFIG,
  ENTRIES,
  type Entry,
  functionOf,
  resourcesOf,
  type Statement,
  SynthesisedTemplate,
  statementsByRole,
} from './synthesis.ts';

const synthesised = new SynthesisedTemplate(aSyncStack());
const byRole = statementsByRole(synthesised);

const statementsOf = (entry: Entry): readonly Statement[] =>
  byRole.get(functionOf(synthesised, entry).role) ?? [];

/** Short names for the resources in the table below. */
const NAMES: readonly [RegExp, string][] = [
  [/^<SyncConnectionStoreTable\w+\.Arn>/, 'connections'],
  [/^<SyncSyncStateTable\w+\.Arn>/, 'sync state'],
  [/^<SyncLocalTablescontacts\w+\.StreamArn>/, 'contacts stream'],
  [/^<SyncLocalTablescontacts\w+\.Arn>/, 'contacts'],
  [/^<SyncHintsQueue\w+\.Arn>/, 'hints'],
  [/^<SyncSchedulesDeadLetters\w+\.Arn>/, 'dispatch dead letters'],
  [/^<SyncBulkJobsCleanupDeadLetters\w+\.Arn>/, 'clean-up dead letters'],
  [/^<SyncBulkJobsStaging\w+\.Arn>/, 'staging'],
  [/^<SyncLocalChangesDiscarded\w+\.Arn>/, 'discarded'],
  [/^<SyncConnectionStoreTokenKey\w+\.Arn>/, 'token key'],
  [/^<SyncDataKey\w+\.Arn>/, 'data key'],
  [/^<SyncConnectionStoreAppSecret\w+\.Id>/, 'app secret'],
  [/^<SyncConnectionStoreSigningSecret\w+\.Id>/, 'signing secret'],
  [/^<Sync\w+Log\w+\.Arn>/, 'its log'],
  [/^arn:<AWS::Partition>:states:eu-central-1:111122223333:stateMachine:Sync-BulkJobs-\w+-/, 'machine '],
  [/^arn:<AWS::Partition>:events:eu-central-1:111122223333:event-bus\/default/, 'default bus'],
];

const nameOf = (resource: string): string => {
  for (const [pattern, name] of NAMES) if (pattern.test(resource)) return resource.replace(pattern, name);
  return resource;
};

/** A role's grants but for keys, one line each: what may be done to which resource. */
const grantsOf = (entry: Entry): string[] =>
  statementsOf(entry)
    .flatMap((statement) =>
      actionsOf(statement).flatMap((action) => resourcesOf(statement).map((r) => [r, action])),
    )
    .filter(([, action]) => !action?.startsWith('kms:'))
    .map(([resource, action]) => `${nameOf(String(resource))}: ${action}`)
    .sort();

const grouped = (table: Readonly<Record<string, readonly string[]>>): string[] =>
  Object.entries({ ...table, ...EVERY_FUNCTION })
    .flatMap(([resource, actions]) => actions.map((action) => `${resource}: ${action}`))
    .sort();

const EVERY_FUNCTION = {
  'its log': ['logs:CreateLogStream', 'logs:PutLogEvents'],
  '*': ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
};
const dynamodb = (...actions: readonly string[]): string[] => actions.map((action) => `dynamodb:${action}`);
const SECRET = ['secretsmanager:GetSecretValue'];
const SEND = ['sqs:SendMessage'];
const EVENTS = ['events:PutEvents'];
const START = ['states:StartExecution'];
const RECORDS = dynamodb(
  'DeleteItem',
  'GetItem',
  'BatchGetItem',
  'Query',
  'PutItem',
  'UpdateItem',
  'BatchWriteItem',
);
const ITEMS = dynamodb('BatchGetItem', 'PutItem', 'UpdateItem', 'ConditionCheckItem');

/** What each function may do, complete. */
const GRANTS: Readonly<Record<Entry, Readonly<Record<string, readonly string[]>>>> = {
  'oauth-authorize': {
    connections: dynamodb('PutItem'),
    'app secret': SECRET,
    'signing secret': SECRET,
  },
  'oauth-callback': {
    connections: dynamodb('GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'),
    'sync state': dynamodb('PutItem', 'UpdateItem', 'Query'),
    'app secret': SECRET,
    'signing secret': SECRET,
    'default bus': EVENTS,
  },
  'outbound-message': { connections: dynamodb('GetItem'), hints: SEND },
  'local-changes': {
    connections: dynamodb('Query'),
    'sync state': dynamodb('BatchGetItem', 'BatchWriteItem'),
    'contacts stream': dynamodb('DescribeStream', 'GetRecords', 'GetShardIterator'),
    'contacts/stream/*': dynamodb('ListStreams'),
    hints: SEND,
    discarded: ['s3:ListBucket'],
    'discarded/aws/lambda/*': ['s3:PutObject'],
  },
  dispatch: {
    connections: dynamodb('GetItem'),
    'connections/index/byShard': dynamodb('Query'),
    'sync state': dynamodb(
      'GetItem',
      'BatchGetItem',
      'Query',
      'PutItem',
      'UpdateItem',
      'DeleteItem',
      'BatchWriteItem',
    ),
    'sync state/index/byList': dynamodb('Query'),
    hints: SEND,
    'dispatch dead letters': SEND,
  },
  'sync-worker': {
    connections: dynamodb('GetItem', 'UpdateItem'),
    // A full sweep reads links in order, and the keys of a tenant.
    'sync state': [...RECORDS, ...dynamodb('Query', 'ConditionCheckItem')],
    // An undo lists what was changed.
    'sync state/index/byList': dynamodb('Query'),
    contacts: ITEMS,
    'contacts/index/byTenant': dynamodb('Query'),
    'app secret': SECRET,
    hints: [
      ...SEND,
      'sqs:ReceiveMessage',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:ChangeMessageVisibility',
    ],
    'machine Load': START,
    'machine Push': START,
    // Plans, and what a full sweep has of its proof.
    staging: ['s3:ListBucket'],
    'staging/plans/*': ['s3:GetObject', 's3:PutObject'],
    'staging/proofs/*': ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'],
    'default bus': EVENTS,
  },
  'bulk-step': {
    connections: dynamodb('GetItem', 'UpdateItem'),
    'sync state': RECORDS,
    'sync state/index/byList': dynamodb('Query'),
    contacts: ITEMS,
    'contacts/index/byTenant': dynamodb('Query'),
    'app secret': SECRET,
    hints: SEND,
    staging: ['s3:ListBucket'],
    'staging/*': ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'],
    'machine Push': START,
    'default bus': EVENTS,
  },
  'bulk-cleanup': {
    connections: dynamodb('GetItem', 'UpdateItem'),
    'connections/index/byShard': dynamodb('Query'),
    'sync state': dynamodb('GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem'),
    'sync state/index/byList': dynamodb('Query'),
    'app secret': SECRET,
    hints: SEND,
    staging: ['s3:ListBucket'],
    'staging/*': ['s3:GetObject'],
    'clean-up dead letters': SEND,
    'default bus': EVENTS,
  },
  operations: {
    connections: dynamodb('GetItem', 'Query', 'UpdateItem'),
    'sync state': dynamodb(
      'GetItem',
      'BatchGetItem',
      'Query',
      'PutItem',
      'UpdateItem',
      'DeleteItem',
      'BatchWriteItem',
    ),
    'sync state/index/byList': dynamodb('Query'),
    'signing secret': SECRET,
    hints: SEND,
    'machine Push': START,
    staging: ['s3:ListBucket'],
    'staging/plans/*': ['s3:GetObject'],
  },
};

describe('a function may do exactly what it does', () => {
  test.each(ENTRIES)('%s', (entry) => {
    expect(grantsOf(entry)).toEqual(grouped(GRANTS[entry]));
  });
});

describe('the deletion of items', () => {
  type Template = SyncConfigInput['mappings'][string];
  const mayDelete = (deletePolicy: Template['deletePolicy'], change: Partial<Template> = {}) => {
    const contact = {
      ...must(CONFIG.mappings.contact, 'a mapping'),
      ...(deletePolicy && { deletePolicy }),
      ...change,
    };
    const stack = new SynthesisedTemplate(aSyncStack({ config: { ...CONFIG, mappings: { contact } } }));
    const roles = statementsByRole(stack);
    return ENTRIES.filter((entry) =>
      (roles.get(functionOf(stack, entry).role) ?? []).some(
        (statement) =>
          actionsOf(statement).includes('dynamodb:DeleteItem') &&
          resourcesOf(statement).some((resource) => nameOf(resource) === 'contacts'),
      ),
    );
  };

  test('is open to those who bring records into step, and only where items follow their records', () => {
    expect(mayDelete('propagate')).toEqual(['bulk-step', 'sync-worker']);
    expect(mayDelete({ fromSalesforce: 'propagate' })).toEqual(['bulk-step', 'sync-worker']);
    expect(mayDelete({ toSalesforce: 'propagate' })).toEqual([]);
    expect(mayDelete(undefined)).toEqual([]);
  });

  test('is open too where what a change had made can be taken back', () => {
    const kept = { history: { keep: 'values' } } as const;
    expect(mayDelete(undefined, kept)).toEqual(['bulk-step', 'sync-worker']);
    expect(mayDelete(undefined, { ...kept, direction: 'to-salesforce' })).toEqual([]);
    expect(mayDelete(undefined, { history: { keep: 'digests' } })).toEqual([]);
  });
});

test('operations alone may have certificates signed', () => {
  const may = ENTRIES.filter((entry) =>
    statementsOf(entry).some((statement) => actionsOf(statement).includes('kms:Sign')),
  );
  expect(may).toEqual(['operations']);
});

describe('the token key', () => {
  /** What a function may do with it directly, and on which condition. */
  const directly = (from: SynthesisedTemplate, entry: Entry) =>
    (statementsByRole(from).get(functionOf(from, entry).role) ?? [])
      .filter((statement) => resourcesOf(statement).some((resource) => resource.includes('TokenKey')))
      .filter(({ Condition }) => JSON.stringify(Condition ?? {}).includes('kms:ViaService') === false);

  const CONTEXT = {
    StringEquals: { 'kms:EncryptionContext:purpose': 'salesforce-tokens' },
    Null: { 'kms:EncryptionContext:orgId': 'false', 'kms:EncryptionContext:sfOrgId': 'false' },
  };
  const USERS: Partial<Record<Entry, readonly string[]>> = {
    'oauth-callback': ['kms:GenerateDataKey'],
    'sync-worker': ['kms:Decrypt', 'kms:GenerateDataKey'],
    'bulk-step': ['kms:Decrypt', 'kms:GenerateDataKey'],
    'bulk-cleanup': ['kms:Decrypt', 'kms:GenerateDataKey'],
    operations: ['kms:Decrypt'],
  };

  test.each(ENTRIES)(
    'opens or seals for %s only what it needs, in the context of tenant and org',
    (entry) => {
      const statements = directly(synthesised, entry);
      expect(statements.flatMap(actionsOf)).toEqual(USERS[entry] ?? []);
      for (const { Condition } of statements) expect(Condition).toEqual(CONTEXT);
    },
  );

  test('asks for no context where KMS does not know such conditions', () => {
    const emulated = new SynthesisedTemplate(aSyncStack({ restrictTokenKeyToContext: false }));
    const [statement] = directly(emulated, 'sync-worker');
    expect(statement).toBeDefined();
    expect(statement?.Condition).toBeUndefined();
  });
});

describe('every role', () => {
  const all = [...byRole.values()].flat();

  test('names its actions', () => {
    expect(all.flatMap(actionsOf).filter((action) => action.includes('*'))).toEqual([]);
  });

  test('uses the data key through a service and never by itself', () => {
    const uses = all.filter((statement) => resourcesOf(statement).some((r) => nameOf(r) === 'data key'));
    expect(uses.length).toBeGreaterThan(9);
    for (const { Condition } of uses) {
      const { 'kms:ViaService': service } = (Condition?.StringEquals ?? {}) as Record<string, unknown>;
      expect(asText(service)).toMatch(/^(dynamodb|sqs|s3)\.eu-central-1\.<AWS::URLSuffix>$/);
    }
  });

  test('may act on everything only where AWS knows no resource', () => {
    const everywhere = all.filter((statement) => resourcesOf(statement).includes('*')).flatMap(actionsOf);
    expect([...new Set(everywhere)].sort()).toEqual([
      // Delivery of a state machine's logs.
      'logs:CreateLogDelivery',
      'logs:DeleteLogDelivery',
      'logs:DescribeLogGroups',
      'logs:DescribeResourcePolicies',
      'logs:GetLogDelivery',
      'logs:ListLogDeliveries',
      'logs:PutResourcePolicy',
      'logs:UpdateLogDelivery',
      // Traces.
      'xray:GetSamplingRules',
      'xray:GetSamplingTargets',
      'xray:PutTelemetryRecords',
      'xray:PutTraceSegments',
    ]);
  });

  test('has no managed policy, which others could widen', () => {
    for (const [, { Properties }] of synthesised.ofType('AWS::IAM::Role')) {
      expect(Properties).not.toHaveProperty('ManagedPolicyArns');
    }
  });
});
