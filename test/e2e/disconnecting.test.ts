import { describe, expect, test } from '@jest/globals';
import { connectTenant, operate } from '../../local/stack/tenant.ts';
import { stackWith } from './deployment/shared-stack.ts';
import { connectAndLoad, connectionsOf, dispatch, itemsOf, loaded } from './deployment/tenants.ts';

const stack = stackWith('disconnecting');

describe('A connection that an operator', () => {
  test('paused stays paused when it is authorised again, and resumes', async () => {
    const connectionId = await connectTenant(stack, 'pausing');
    await operate(stack, { action: 'pause', connectionId });

    await expect(connectTenant(stack, 'pausing')).rejects.toThrow('no active connection');

    expect(await connectionsOf(stack, 'pausing')).toMatchObject([{ status: 'paused', tokenVersion: 2 }]);
    expect(await operate(stack, { action: 'resume', connectionId })).toEqual({ status: 'active' });
  });

  test('disconnected has its token revoked at Salesforce, and can be connected again', async () => {
    const tenant = await connectAndLoad(stack, 'leaving');
    const { connectionId } = tenant;

    const disconnected = await operate(stack, { action: 'disconnect', connectionId });
    const again = await operate(stack, { action: 'disconnect', connectionId });

    expect(disconnected).toMatchObject({ status: 'revoked', atSalesforce: 'revoked' });
    expect(again).toMatchObject({ status: 'revoked', atSalesforce: 'nothing-to-revoke' });
    expect(await connectionsOf(stack, 'leaving')).toMatchObject([{ status: 'revoked' }]);
    await expect(
      operate(stack, { action: 'run-now', mappingId: tenant.mappingId('contact') }),
    ).rejects.toThrow('is revoked');

    expect(await connectTenant(stack, 'leaving')).toBe(connectionId);
    await dispatch(stack);
    await loaded(stack, tenant);
    expect(await itemsOf(tenant.contacts, tenant)).toHaveLength(3);
  });
});
