import { expect, test } from '@jest/globals';
import { enrolmentDigest } from '../../../../shared/use-cases/schedules/enrolment-digest.ts';
import { aSyncConfig, CONTACTS } from '../../../builders/a-sync-config.ts';

test('the digest of a config is pinned, since another one has every connection enrolled once more after an upgrade', () => {
  expect(enrolmentDigest(aSyncConfig())).toBe(
    '1b75a1420f158e01ea6489e338905807f0d389ca763bd4177234a78c66f9f7e2',
  );
});

test('it changes with the names of the mappings, what they are, and the tenants of their tables, and with nothing else', () => {
  const config = aSyncConfig();
  const given = { ...config.localTables, companies: { keyField: 'id', tenant: 'globex' } };

  expect(enrolmentDigest(aSyncConfig({ leads: CONTACTS }))).not.toBe(enrolmentDigest(config));
  expect(enrolmentDigest({ ...config, localTables: given })).not.toBe(enrolmentDigest(config));
  const other = aSyncConfig({ contacts: { ...CONTACTS, fieldMap: { email: 'Email' } } });
  expect(enrolmentDigest(other)).not.toBe(enrolmentDigest(config));
  const slower = aSyncConfig({ contacts: { ...CONTACTS, schedule: { everyMinutes: 60 } } });
  expect(enrolmentDigest(slower)).toBe(enrolmentDigest(config));
});
