import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { AuthorizationStore } from '../../../shared/use-cases/ports/connection-store.ts';

const aState = () => ({
  stateHash: randomUUID(),
  browserHash: 'browser',
  orgId: 'tenant',
  loginUrl: 'https://login.salesforce.com',
  begunAt: '2026-01-01T00:00:00.000Z',
  expiresAtMs: 10_000,
});

/** What every AuthorizationStore does. */
export const authorizationStoreSuite = (open: () => AuthorizationStore): void => {
  test('lets a ticket be used once, however many try', async () => {
    const store = open();
    const ticketId = randomUUID();

    const used = await Promise.all(Array.from({ length: 5 }, () => store.consumeTicket(ticketId, 10_000)));

    expect(used.filter(Boolean)).toHaveLength(1);
    expect(await store.consumeTicket(randomUUID(), 10_000)).toBe(true);
  });

  test('gives a pending authorisation back once', async () => {
    const store = open();
    const state = aState();
    await store.saveState(state);

    const found = await Promise.all([
      store.consumeState(state.stateHash, 9_999),
      store.consumeState(state.stateHash, 9_999),
    ]);

    expect(found.filter((each) => each !== undefined)).toEqual([state]);
  });

  test('refuses a ticket or a state that is too long for a key', async () => {
    const store = open();
    const stateHash = 'x'.repeat(2_050);

    for (const refused of [
      () => store.consumeTicket('x'.repeat(2_050), 10_000),
      () => store.saveState({ ...aState(), stateHash }),
      () => store.consumeState(stateHash, 0),
    ]) {
      await expect(refused()).rejects.toMatchObject({ name: 'Refused' });
    }
  });

  test('does not give back what is past its time or was never there', async () => {
    const store = open();
    const state = aState();
    await store.saveState(state);

    expect(await store.consumeState(state.stateHash, 10_000)).toBeUndefined();
    expect(await store.consumeState(randomUUID(), 0)).toBeUndefined();
  });
};
