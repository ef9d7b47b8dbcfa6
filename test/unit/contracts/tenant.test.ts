import { describe, expect, test } from '@jest/globals';
import { operation } from '../../../functions/operations/event.ts';
import { localTable } from '../../../shared/contracts/sync-config.ts';
import { isTenantId } from '../../../shared/contracts/tenant.ts';

const inConfig = (tenant: string): boolean => localTable.safeParse({ keyField: 'id', tenant }).success;
const byOperator = (orgId: string): boolean => operation.safeParse({ action: 'connections', orgId }).success;

describe('the name of a tenant', () => {
  test.each(['acme', 'a', 'x'.repeat(128), 'auth0|65f_a.b@c:d-e'])(
    'may be %j, wherever it comes from',
    (name) => {
      expect([isTenantId(name), inConfig(name), byOperator(name)]).toEqual([true, true, true]);
    },
  );

  test.each(['', 'x'.repeat(129), 'state#x', 'a b', 'a/b', '<b>', 'ä', 'acme\n'])(
    'may not be %j, wherever it comes from',
    (name) => {
      expect([isTenantId(name), inConfig(name), byOperator(name)]).toEqual([false, false, false]);
    },
  );
});
