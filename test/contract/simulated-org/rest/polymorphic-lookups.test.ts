import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ingestRow, readColumns } from '../../../../simulated-org/bulk/ingest-rows.ts';
import { mustFindObject } from '../../../../simulated-org/describe/schema.ts';
import type { SimulatedOrg } from '../../../../simulated-org/simulated-org.ts';
import { anOrg, call } from '../an-org.ts';

let simulated: SimulatedOrg;
let token: string;

beforeAll(async () => {
  simulated = await anOrg({ accounts: 0, contacts: 0 });
  token = simulated.org.issueTokens().access_token ?? '';
  simulated.org.insert('Account', { Name: 'A', Sync_Key__c: 'A1' });
  simulated.org.insert('Contact', { LastName: 'C', Sync_Key__c: 'C1' });
});
afterAll(() => simulated.close());

const account = { attributes: { type: 'Account' } };
const contact = { attributes: { type: 'Contact' } };

test.each([
  [{ What: { ...account, Sync_Key__c: 'A1' }, Who: { ...contact, Sync_Key__c: 'C1' } }, undefined],
  [{ What: { Sync_Key__c: 'A1' } }, 'JSON_PARSER_ERROR'],
  [{ What: { Sync_Key__c: 'A1', ...account } }, 'JSON_PARSER_ERROR'],
  [{ What: { attributes: {}, Sync_Key__c: 'A1' } }, 'JSON_PARSER_ERROR'],
  [{ What: {} }, 'JSON_PARSER_ERROR'],
  [{ What: { ...contact, Sync_Key__c: 'C1' } }, 'INVALID_FIELD'],
  [{ What: { ...account, Sync_Key__c: 'A2' } }, 'INVALID_FIELD'],
  [{ Status: null }, 'REQUIRED_FIELD_MISSING'],
])('a task with %j ends in %s', async (fields, errorCode) => {
  const Subject = errorCode ?? 'fine';

  const reply = await call(simulated, token, 'POST', '/sobjects/Task', { Subject, ...fields });

  expect([reply.status, reply.body[0]?.errorCode]).toEqual([errorCode ? 400 : 201, errorCode]);
  const tasks = simulated.org.select(
    `SELECT What.Name, Who.Name, Status FROM Task WHERE Subject = '${Subject}'`,
  );
  expect(tasks).toMatchObject(
    errorCode ? [] : [{ What: { Name: 'A' }, Who: { Name: 'C' }, Status: 'Not Started' }],
  );
});

test.each([
  ['Contact:Who.Sync_Key__c', 'done'],
  ['Who.Sync_Key__c', undefined],
  ['Account:Who.Sync_Key__c', undefined],
  ['User:Owner.Username', undefined],
])('a task by a bulk job with the column %s is %s', (header, outcome) => {
  const { org } = simulated;
  const object = mustFindObject('Task');
  const job = { object, operation: 'insert', key: undefined, userId: org.users.admin.id };

  const columns = readColumns(object, [header]);

  expect(typeof columns === 'string' ? undefined : ingestRow(org, job, columns, ['C1']).kind).toBe(outcome);
});

test('describe says which lookups are polymorphic, and which value is the default', async () => {
  const { body } = await call(simulated, token, 'GET', '/sobjects/Task/describe');

  const fields: { name: string; polymorphicForeignKey: boolean; picklistValues: object[] }[] = body.fields;
  const polymorphic = fields.filter(({ polymorphicForeignKey }) => polymorphicForeignKey);
  expect(polymorphic.map(({ name }) => name)).toEqual(['WhoId', 'WhatId']);
  const status = fields.find(({ name }) => name === 'Status');
  expect(status?.picklistValues[0]).toMatchObject({ value: 'Not Started', defaultValue: true });
});
