import { describe, expect, test } from '@jest/globals';
import { type App, Stack } from 'aws-cdk-lib';
import { SalesforceSync } from '../../infra/salesforce-sync.ts';
import { parseSyncConfig, SyncConfigError } from '../../infra/sync-config/check-sync-config.ts';
import { isTooLong, projectionOf } from '../../shared/aws/expressions.ts';
import { readAttributes, writeItem } from '../../shared/aws/reconciliation/local-items.ts';
import { MAX_FIELDS_FOR_PERSON } from '../../shared/contracts/dynamodb-limits.ts';
import type { SyncConfigInput } from '../../shared/contracts/sync-config.ts';
import { bulkSelectionQuery, MAX_NAMED_RECORDS } from '../../shared/salesforce/selection.ts';
import { fieldsToRead } from '../../shared/sync/mapping/decode.ts';
import { keyFieldOf } from '../../shared/sync/mapping/identity.ts';
import { aField, aMapping } from '../builders/sync.ts';
import { hasTooManyOperators } from '../in-memory/dynamodb-limits.ts';
import { aSyncStack, CONFIG, functionOf, SynthesisedTemplate, sourceRoot } from './synthesis.ts';

/*
 * What synthesis accepts, the runtime must carry: up to each limit that a config can reach, and one step over.
 */

const problemsOf = (config: SyncConfigInput): string[] => {
  try {
    parseSyncConfig(config);
    return [];
  } catch (error) {
    if (!(error instanceof SyncConfigError)) throw error;
    return error.problems.map(({ message }) => message);
  }
};

/** As long as names may be, and no two alike. */
const attribute = (index: number) => `a${index}_`.padEnd(255, 'x');
const sfField = (index: number) => `F${index}_`.padEnd(80, 'x');

const aWideConfig = (fields: number, mapping: object = {}): SyncConfigInput => ({
  localTables: { contacts: { keyField: 'id', tenantField: 'tenant', matchIndexes: { sfId: 'bySfId' } } },
  mappings: {
    contact: {
      localTable: 'contacts',
      sfObject: 'Contact',
      externalIdField: 'Sync_Key__c',
      schedule: { everyMinutes: 5 },
      fieldMap: Object.fromEntries(
        Array.from({ length: fields }, (_, index) => [attribute(index), sfField(index)]),
      ),
      ...mapping,
    },
  },
});

const aWideMapping = (fields: number) =>
  aMapping({
    tenantField: 'tenant',
    localIdField: 'sfId',
    fields: Array.from({ length: fields }, (_, index) =>
      aField({ localField: attribute(index), sfField: sfField(index) }),
    ),
  });

/** The write of an item whose every attribute changes: those that are not there take the most text to claim. */
const widestWrite = (fields: number) => {
  const mapping = aWideMapping(fields);
  const write = writeItem('contacts-table', mapping, 'k', {
    kind: 'update',
    values: Object.fromEntries(mapping.fields.map(({ localField }) => [localField, 'new'])),
    sfId: '003000000000001AAA',
    read: {
      localKey: 'k',
      values: {},
      sfId: null,
      attributes: {},
    },
  });
  const { ConditionExpression: condition = '', UpdateExpression: update = '' } = write.Update ?? {};
  return { mapping, condition, update };
};

describe('the attributes of a mapping', () => {
  test('are accepted up to what DynamoDB takes in the condition of a write, and no further', () => {
    expect(problemsOf(aWideConfig(130))).toEqual([]);
    expect(problemsOf(aWideConfig(129, { localIdField: 'sfId' }))).toEqual([]);

    const refusal = (what: string) =>
      expect.stringMatching(
        new RegExp(`^has 131 attributes${what}, and the most is 130, .* 4096 bytes of a condition`),
      );
    expect(problemsOf(aWideConfig(131))).toEqual([refusal('')]);
    expect(problemsOf(aWideConfig(130, { localIdField: 'sfId' }))).toEqual([refusal(' with localIdField')]);
  });

  test('can be left to a person up to what has room in one transaction, and no further', () => {
    const manual = { conflictPolicy: 'manual' };
    const oneWay = { ...manual, direction: 'from-salesforce' };
    expect(problemsOf(aWideConfig(MAX_FIELDS_FOR_PERSON, manual))).toEqual([]);
    // Where a field goes one way only, no policy has a say.
    expect(problemsOf(aWideConfig(130, oneWay))).toEqual([]);

    expect(problemsOf(aWideConfig(MAX_FIELDS_FOR_PERSON + 1, manual))).toEqual([
      expect.stringMatching(/^has 51 fields with the policy "manual", and the most is 50: /),
    ]);
    // Link, pointer and item, the decisions, and what begins and ends to be held.
    expect(3 + 30 + MAX_FIELDS_FOR_PERSON).toBeLessThanOrEqual(100);
  });

  test('fit into every expression and query that is made of them', () => {
    const { mapping, condition, update } = widestWrite(129);

    expect(hasTooManyOperators(condition)).toBe(false);
    expect(hasTooManyOperators(update)).toBe(false);
    expect(isTooLong(condition)).toBe(false);
    expect(isTooLong(update)).toBe(false);
    expect(isTooLong(projectionOf(readAttributes(mapping)).ProjectionExpression)).toBe(false);
    const query = bulkSelectionQuery({
      sObject: 'Contact',
      fields: fieldsToRead(mapping),
      filter: `Name = '${'x'.repeat(3_990)}'`,
      where: {
        kind: 'external-ids',
        field: keyFieldOf(mapping),
        values: Array.from({ length: MAX_NAMED_RECORDS }, (_, index) => `${index}`.padEnd(255, 'x')),
      },
    });
    // SOQL and SOSL limits: "Maximum length of SOQL statements".
    expect(query.toString().length).toBeLessThan(100_000);
  });

  test('would not fit if there were one more', () => {
    const { condition } = widestWrite(132);

    expect(isTooLong(condition)).toBe(true);
  });
});

test.each(['keyField', 'tenantField'])('%s is a name that DynamoDB takes for a key', (option) => {
  const config = (name: string): SyncConfigInput => {
    const table = { keyField: 'id', tenantField: 'tenant', [option]: name };
    return { ...aWideConfig(1), localTables: { contacts: table } };
  };

  expect(problemsOf(config(`${'x'.repeat(253)}ü`))).toEqual([]);
  expect(problemsOf(config(`${'x'.repeat(254)}ü`))).toEqual([
    'has 256 bytes, and DynamoDB takes 255 of the name of a key',
  ]);
});

describe('the names of local tables in the environment of a function', () => {
  const aConfig = (tables: number): SyncConfigInput => ({
    ...CONFIG,
    localTables: {
      ...CONFIG.localTables,
      ...Object.fromEntries(
        Array.from({ length: tables - 1 }, (_, index) => [`table${index}`, { keyField: 'id', tenant: 't' }]),
      ),
    },
  });
  const refusalOf = (stack: Stack): string | undefined => {
    try {
      (stack.node.root as App).synth();
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  };

  test('are accepted as long as Lambda takes them, and refused with both numbers after that', () => {
    let fitting = 32;
    let refused = 64;
    while (refused - fitting > 1) {
      const middle = Math.floor((fitting + refused) / 2);
      if (refusalOf(aSyncStack({ config: aConfig(middle) })) === undefined) fitting = middle;
      else refused = middle;
    }

    const refusal = refusalOf(aSyncStack({ config: aConfig(refused) }));
    expect(refusal).toMatch(/Reconciliation\/Worker.*may take 4\d{3} bytes, and Lambda takes 4096/);
    expect(refusal).toContain(`the names of ${refused} local tables`);
    const { environment } = functionOf(
      new SynthesisedTemplate(aSyncStack({ config: aConfig(fitting) })),
      'sync-worker',
    );
    const deployed = deployedBytes(environment, 'Sync');
    expect(deployed).toBeLessThanOrEqual(4_096);
    // Conservative, but not so that it costs more than a few tables.
    expect(deployed).toBeGreaterThan(3_600);
  });

  test('are counted with the stack name that they will begin with', () => {
    const app = aSyncStack().node.root;
    const stack = new Stack(app, 'x'.repeat(100), {
      env: { account: '111122223333', region: 'eu-central-1' },
    });
    new SalesforceSync(stack, 'Sync', { config: aConfig(24), sourceRoot });

    expect(refusalOf(stack)).toContain('give the stack a shorter name');
  });
});

/** As Lambda measures it, with names such as CloudFormation makes. */
const deployedBytes = (environment: Record<string, unknown>, stackName: string): number => {
  const text = (value: unknown): string => {
    if (typeof value !== 'object' || value === null) return String(value);
    const [kind, argument] = Object.entries(value)[0] ?? [];
    if (kind === 'Fn::Join') return (argument as [string, unknown[]])[1].map(text).join('');
    const name = `${stackName}-${String([argument].flat()[0])}-1A2B3C4D5E6F`;
    if (kind === 'Ref' && !name.includes('Queue')) return name;
    return `arn:aws:service:eu-central-1:111122223333:${name}`;
  };
  const values = Object.entries(environment).map(([name, value]) => [name, text(value)]);
  return Buffer.byteLength(JSON.stringify(Object.fromEntries(values)));
};
