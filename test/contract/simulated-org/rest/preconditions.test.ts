import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SimulatedOrg } from '../../../../simulated-org/simulated-org.ts';
import { anOrg, call, type Reply } from '../an-org.ts';

const BEFORE = 'Wed, 15 May 2024 11:00:00 GMT';
const AFTER = 'Wed, 15 May 2024 13:00:00 GMT';
const OTHER_TAG = '"00000000--gzip"';

let simulated: SimulatedOrg;
let token: string;

beforeAll(async () => {
  simulated = await anOrg({ accounts: 0, contacts: 0 });
  const { org } = simulated;
  org.clock.freeze();
  org.clock.set(Date.parse('2024-05-15T12:00:00Z'));
  org.metadataChangedAtMs = org.clock.now();
  token = org.issueTokens().access_token ?? '';
});
afterAll(() => simulated.close());

/** Sends one request about a row that was last changed at noon, whose tag stands for `TAG`. */
async function send(method: string, path: string, headers: Record<string, string>): Promise<Reply> {
  const { org } = simulated;
  const accountId = org.insert('Account', { Name: 'a' });
  const contactId = org.insert('Contact', { LastName: 'c', Sync_Key__c: accountId });
  const account = await call(simulated, token, 'GET', `/sobjects/Account/${accountId}`);
  const tag = account.headers.get('etag') ?? '';
  const url = path.replace('ACCOUNT', accountId).replace('CONTACT', contactId).replace('KEY', accountId);
  const bodies: Record<string, object> = {
    PATCH: { Description: 'x' },
    POST: { LastName: 'new', Description: 'x' },
  };
  return call(
    simulated,
    token,
    method,
    `/sobjects${url}`,
    bodies[method],
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replace('TAG', tag)])),
  );
}

/** How many rows have what the requests above write. */
const writes = (): number =>
  ['Account', 'Contact'].reduce(
    (sum, type) => sum + simulated.org.count(`SELECT Id FROM ${type} WHERE Description = 'x'`),
    0,
  );

describe('a condition', () => {
  test.each([
    // A read whose condition fails is refused, and one whose client has it already is not answered again.
    ['GET', '/Contact/CONTACT', { 'if-unmodified-since': BEFORE }, 412],
    ['GET', '/Contact/CONTACT', { 'if-unmodified-since': AFTER }, 200],
    ['GET', '/Contact/CONTACT', { 'if-modified-since': AFTER }, 304],
    ['GET', '/Contact/CONTACT', { 'if-modified-since': BEFORE }, 200],
    ['GET', '/Contact/CONTACT', { 'if-modified-since': 'never' }, 200],
    ['GET', '/Contact/Sync_Key__c/KEY', { 'if-unmodified-since': BEFORE }, 412],
    ['GET', '/Contact/describe', { 'if-unmodified-since': BEFORE }, 412],
    ['GET', '/Contact/describe', { 'if-unmodified-since': AFTER }, 200],
    ['GET', '', { 'if-unmodified-since': BEFORE }, 412],
    ['GET', '/Account/ACCOUNT', { 'if-match': OTHER_TAG }, 412],
    ['GET', '/Account/ACCOUNT', { 'if-match': `${OTHER_TAG}, TAG` }, 200],
    ['GET', '/Account/ACCOUNT', { 'if-none-match': 'TAG' }, 304],
    ['GET', '/Account/ACCOUNT', { 'if-none-match': OTHER_TAG }, 200],
    // A write is refused where a read would not be answered again.
    ['PATCH', '/Contact/CONTACT', { 'if-unmodified-since': BEFORE }, 412],
    ['PATCH', '/Contact/CONTACT', { 'if-unmodified-since': AFTER }, 204],
    ['PATCH', '/Contact/Sync_Key__c/KEY', { 'if-unmodified-since': BEFORE }, 412],
    ['PATCH', '/Contact/Sync_Key__c/KEY', { 'if-unmodified-since': AFTER }, 200],
    ['PATCH', '/Account/ACCOUNT', { 'if-match': OTHER_TAG }, 412],
    ['PATCH', '/Account/ACCOUNT', { 'if-match': 'TAG' }, 204],
    ['PATCH', '/Account/ACCOUNT', { 'if-match': '*' }, 204],
    ['PATCH', '/Account/ACCOUNT', { 'if-none-match': 'TAG' }, 412],
    ['PATCH', '/Account/ACCOUNT', { 'if-none-match': OTHER_TAG }, 204],
    // What cannot be read is a mistake in a write.
    ['PATCH', '/Account/ACCOUNT', { 'if-match': 'garbage' }, 400],
    ['PATCH', '/Account/ACCOUNT', { 'if-match': `${OTHER_TAG}, garbage` }, 400],
    ['PATCH', '/Account/ACCOUNT', { 'if-none-match': 'garbage' }, 400],
    ['PATCH', '/Contact/CONTACT', { 'if-unmodified-since': 'never' }, 400],
    ['PATCH', '/Contact/CONTACT', { 'if-modified-since': 'never' }, 400],
    ['PATCH', '/Contact/Sync_Key__c/new', { 'if-unmodified-since': 'never' }, 400],
    ['POST', '/Contact', { 'if-unmodified-since': 'never' }, 400],
    ['POST', '/Contact', { 'if-modified-since': '2024-05-15' }, 400],
    ['POST', '/Contact', { 'if-unmodified-since': BEFORE }, 201],
    // Only accounts have tags, and deletions have no conditions.
    ['GET', '/Contact/CONTACT', { 'if-match': OTHER_TAG }, 200],
    ['PATCH', '/Contact/CONTACT', { 'if-match': OTHER_TAG }, 204],
    ['DELETE', '/Contact/CONTACT', { 'if-unmodified-since': BEFORE }, 204],
    ['DELETE', '/Contact/Sync_Key__c/KEY', { 'if-unmodified-since': 'never' }, 204],
    ['DELETE', '/Account/ACCOUNT', { 'if-match': OTHER_TAG }, 204],
  ])('of %s %s, %j, answers %i', async (method, path, headers, status) => {
    const before = writes();

    const reply = await send(method, path, headers);

    expect(reply.status).toBe(status);
    expect(writes() - before).toBe(status < 300 && method !== 'GET' && method !== 'DELETE' ? 1 : 0);
    if (status >= 400)
      expect(reply.body).toMatchObject([
        { errorCode: status === 412 ? 'PRECONDITION_FAILED' : 'INVALID_HEADER' },
      ]);
  });
});
