import { expect, test } from '@jest/globals';
import { enrolmentDigest } from '../../../../shared/use-cases/schedules/enrolment-digest.ts';
import { aSyncConfig, CONTACTS } from '../../../builders/a-sync-config.ts';

test('the digest of a config is what earlier releases stored, so that an upgrade enrols nobody again', () => {
  expect(enrolmentDigest(aSyncConfig())).toBe(
    '9ccb31acc2fcbe119b6b14ca1206796a4116f9ca23d64f8fcece41c4e37ebe4c',
  );
});

test('it changes with the names of the mappings and the tenants of their tables, and with nothing else', () => {
  const config = aSyncConfig();
  const given = { ...config.localTables, companies: { keyField: 'id', tenant: 'globex' } };

  expect(enrolmentDigest(aSyncConfig({ leads: CONTACTS }))).not.toBe(enrolmentDigest(config));
  expect(enrolmentDigest({ ...config, localTables: given })).not.toBe(enrolmentDigest(config));
  expect(enrolmentDigest(aSyncConfig({ contacts: { ...CONTACTS, fieldMap: { email: 'Email' } } }))).toBe(
    enrolmentDigest(config),
  );
});
