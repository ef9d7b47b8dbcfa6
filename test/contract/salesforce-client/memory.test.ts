import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { openSalesforceClient } from '../../../shared/salesforce-client/client.ts';
import { soql } from '../../../shared/salesforce-client/soql/soql.ts';
import type { Transport } from '../../../shared/salesforce-client/transport/transport.ts';
import { fakeClock, INSTANCE, toResponse } from '../../unit/salesforce-client/fakes.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const PAGES = 3;

/** Lets what a finished turn still held go, and looks what is left. */
async function isAlive(held: WeakRef<object> | undefined): Promise<boolean> {
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
  }
  return held?.deref() !== undefined;
}

test('reading record by record holds no page while the next one is on its way', async () => {
  let first: WeakRef<object> | undefined;
  const wasAlive: boolean[] = [];
  let page = 0;
  const transport: Transport = async () => {
    if (page > 0) wasAlive.push(await isAlive(first));
    first = undefined;
    page += 1;
    // The loop itself may hold the record that it had last.
    const records = ['first', 'last'].map((Id) => ({ attributes: { type: 'Contact' }, Id }));
    const end =
      page === PAGES ? { done: true } : { done: false, nextRecordsUrl: `/services/data/v59.0/query/${page}` };
    return toResponse({ body: { totalSize: 2 * PAGES, records, ...end } });
  };
  const client = openSalesforceClient({
    instanceUrl: INSTANCE,
    accessToken: 't',
    transport,
    clock: fakeClock(),
  });

  for await (const record of client.query(soql`SELECT Id FROM Contact`)) first ??= new WeakRef(record);

  expect(wasAlive).toEqual(Array.from({ length: PAGES - 1 }, () => false));
});
