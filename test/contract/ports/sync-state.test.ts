import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DynamoBulkJobs } from '../../../shared/aws/bulk/bulk-jobs.ts';
import { DynamoFullSweeps } from '../../../shared/aws/reconciliation/full-sweeps.ts';
import { DynamoGuardStates } from '../../../shared/aws/reconciliation/guard-states.ts';
import { DynamoJournal } from '../../../shared/aws/reconciliation/journal.ts';
import { DynamoMappingStates } from '../../../shared/aws/reconciliation/mapping-states.ts';
import { DynamoOrgSlots } from '../../../shared/aws/reconciliation/org-slots.ts';
import { DynamoParkedKeys } from '../../../shared/aws/reconciliation/parked-keys.ts';
import { DynamoPlans } from '../../../shared/aws/reconciliation/plans.ts';
import { DynamoProofs } from '../../../shared/aws/reconciliation/proofs.ts';
import { DynamoConfigDigest } from '../../../shared/aws/schedules/config-digest.ts';
import { systemClock } from '../../../shared/runtime/clock.ts';
import { InMemoryBulkJobs } from '../../in-memory/bulk-jobs.ts';
import { InMemoryConfigDigest } from '../../in-memory/config-digest.ts';
import { InMemoryFullSweeps } from '../../in-memory/full-sweeps.ts';
import { InMemoryGuardStates } from '../../in-memory/guard-states.ts';
import { InMemoryJournal } from '../../in-memory/journal.ts';
import { InMemoryMappingStates } from '../../in-memory/mapping-states.ts';
import { InMemoryOrgSlots } from '../../in-memory/org-slots.ts';
import { InMemoryParkedKeys } from '../../in-memory/parked-keys.ts';
import { InMemoryPlans } from '../../in-memory/plans.ts';
import { InMemoryProofs } from '../../in-memory/proofs.ts';
import { syncStateTable } from './aws-tables.ts';
import { bulkJobsSuite } from './bulk-jobs.suite.ts';
import { configDigestSuite } from './config-digest.suite.ts';
import { describeOnAws, freshName, temporaryTables } from './emulated-aws.ts';
import { fullSweepsSuite } from './full-sweeps.suite.ts';
import { guardStatesSuite } from './guard-states.suite.ts';
import { journalSuite } from './journal.suite.ts';
import { mappingStatesSuite } from './mapping-states.suite.ts';
import { orgSlotsSuite } from './org-slots.suite.ts';
import { parkedKeysSuite } from './parked-keys.suite.ts';
import { plansSuite } from './plans.suite.ts';
import { proofsSuite } from './proofs.suite.ts';

describe('the sync state in memory', () => {
  describe('mapping states', () => mappingStatesSuite(() => new InMemoryMappingStates()));
  describe('parked keys', () => parkedKeysSuite(() => new InMemoryParkedKeys(systemClock)));
  describe('the journal', () => journalSuite(() => new InMemoryJournal()));
  describe('bulk jobs', () => bulkJobsSuite(() => new InMemoryBulkJobs()));
  describe('the config digest', () => configDigestSuite(() => new InMemoryConfigDigest()));
  describe('turns at an org', () => orgSlotsSuite(() => new InMemoryOrgSlots(3)));
  describe('full sweeps', () => fullSweepsSuite(() => new InMemoryFullSweeps()));
  describe('guards', () => guardStatesSuite(() => new InMemoryGuardStates()));
  describe('plans', () => plansSuite(() => new InMemoryPlans()));
  describe('proofs', () => proofsSuite(() => new InMemoryProofs()));
});

describeOnAws('the sync state on DynamoDB', () => {
  const tables = temporaryTables();
  const name = freshName('sync-state');
  beforeAll(() => tables.create(syncStateTable(name)));
  afterAll(() => tables.deleteAll());
  const table = () => ({ client: tables.client(), name });

  describe('mapping states', () => mappingStatesSuite(() => new DynamoMappingStates(table())));
  describe('parked keys', () => parkedKeysSuite(() => new DynamoParkedKeys(table(), systemClock)));
  describe('the journal', () => journalSuite(() => new DynamoJournal(table())));
  describe('bulk jobs', () => bulkJobsSuite(() => new DynamoBulkJobs(table())));
  describe('the config digest', () => configDigestSuite(() => new DynamoConfigDigest(table())));
  describe('turns at an org', () => orgSlotsSuite(() => new DynamoOrgSlots(table(), 3)));
  describe('full sweeps', () => fullSweepsSuite(() => new DynamoFullSweeps(table())));
  describe('guards', () => guardStatesSuite(() => new DynamoGuardStates(table())));
  describe('plans', () => plansSuite(() => new DynamoPlans(table())));
  describe('proofs', () => proofsSuite(() => new DynamoProofs(table())));

  describe('expiry', () => {
    const expiryOf = async (pk: string, sk: string) => {
      const { Item } = await tables
        .client()
        .send(new GetItemCommand({ TableName: name, Key: { pk: { S: pk }, sk: { S: sk } } }));
      return Item?.expiresAt?.N && new Date(Number(Item.expiresAt.N) * 1000).toISOString().slice(0, 10);
    };
    const at = '2026-01-01T00:00:00.000Z';
    const conflict = {
      ...{ mappingId: 'm.contact', sfId: '003', field: 'name', base: 'a', local: 'b', remote: 'c' },
      ...{ policy: 'manual', reason: 'policy', at, linkVersion: 7 },
    };

    test('takes decided conflicts after 90 days, whoever won', async () => {
      await new DynamoJournal(table()).recordConflicts([
        { ...conflict, localKey: 'k1', winner: 'salesforce' },
        { ...conflict, localKey: 'k2', winner: 'nobody' },
      ]);

      expect(await expiryOf('conflict#m.contact#k1', `${at}#7#name`)).toBe('2026-04-01');
      expect(await expiryOf('conflict#m.contact#k2', `${at}#7#name`)).toBe('2026-04-01');
    });

    test('takes bulk jobs 30 days after their end', async () => {
      const jobs = new DynamoBulkJobs(table());
      const times = { startedAt: at, deadlineAt: at, updatedAt: at };
      const job = {
        mappingId: 'm.contact',
        connectionId: 'm',
        sObject: 'Contact',
        operation: 'query',
        ...times,
      };
      await jobs.create({ ...job, bulkJobId: 'ending', kind: 'query', state: 'submitting' });
      expect(await expiryOf('bulk#ending', 'bulk')).toBeUndefined();

      await jobs.update('ending', { state: 'done', updatedAt: at });

      expect(await expiryOf('bulk#ending', 'bulk')).toBe('2026-01-31');
    });
  });
});
