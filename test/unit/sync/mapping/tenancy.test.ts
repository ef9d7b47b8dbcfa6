import { expect, test } from '@jest/globals';
import type { SyncConfig } from '../../../../shared/contracts/sync-config.ts';
import { isForTenant, templatesOfTenant } from '../../../../shared/sync/mapping/tenancy.ts';

test('a table of a fixed tenant is nobody else’s, and one whose items name their tenant is everybody’s', () => {
  expect(isForTenant({ tenant: 'acme' }, 'acme')).toBe(true);
  expect(isForTenant({ tenant: 'acme' }, 'globex')).toBe(false);
  expect(isForTenant({}, 'globex')).toBe(true);
});

test('a tenant gets all mappings but those of another tenant’s table', () => {
  const config = {
    localTables: { own: { tenant: 'acme' }, others: { tenant: 'globex' }, shared: { tenantField: 'tenant' } },
    mappings: { a: { localTable: 'own' }, b: { localTable: 'others' }, c: { localTable: 'shared' } },
  } as unknown as SyncConfig;

  expect(templatesOfTenant(config, 'acme').map(([name]) => name)).toEqual(['a', 'c']);
});
