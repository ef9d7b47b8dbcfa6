import type { AccessToken } from '../../../../shared/contracts/salesforce.ts';
import { makeSalesforceOrgs } from '../../../../shared/salesforce/org.ts';
import { makeHttpTransport } from '../../../../shared/salesforce-client/transport/http-transport.ts';
import {
  type Transport,
  TransportFailure,
} from '../../../../shared/salesforce-client/transport/transport.ts';
import { findObject } from '../../../../simulated-org/describe/schema.ts';
import { readDuplicateRule } from '../../../../simulated-org/rules/duplicate-rules.ts';
import type { SimulatedOrg } from '../../../../simulated-org/simulated-org.ts';
import { anOrg } from '../../simulated-org/an-org.ts';
import type { ContactValues, Fault, OrgUnderTest } from './org-under-test.ts';

type Org = SimulatedOrg['org'];

const PAGE_ROWS = 5;
const BULK_PAGE_ROWS = 4;
/** The client tries a read three times. */
const EVERY_TRY = 3;
/** Bulk jobs stay in each state for as long as this, and the org's clock stands still but for the suite. */
const BULK_STATE_MS = 1_000;

/** The adapter on a simulated org of its own, over real HTTP. */
export async function aSimulatedOrg(): Promise<OrgUnderTest> {
  const simulated = await anOrg({
    accounts: 0,
    contacts: 0,
    settings: {
      queryPageRows: PAGE_ROWS,
      bulkPageRows: BULK_PAGE_ROWS,
      bulkStateMs: BULK_STATE_MS,
      // The suite moves the clock by days, which no session shall end over.
      sessionTimeoutMs: 365 * 24 * 3_600_000,
    },
  });
  const { org: salesforce } = simulated;
  salesforce.clock.freeze();
  const transport = makeHttpTransport({ timeoutMs: 5_000 });
  let isUnreachable = false;
  const send: Transport = async (request, signal) => {
    if (isUnreachable) throw new TransportFailure('connection', false);
    return transport.send(request, signal);
  };
  const org = await makeSalesforceOrgs({
    transport: send,
    tokens: tokensOf(salesforce),
    clock: { nowMs: () => Date.now(), sleep: async () => undefined },
    trustedOrigins: [simulated.origin],
  }).open('connection-1');
  return {
    org,
    keyField: 'Sync_Key__c',
    pageRows: PAGE_ROWS,
    bulkPageRows: BULK_PAGE_ROWS,
    insert: (values) => salesforce.insert('Contact', values),
    edit: (id, values) => salesforce.update('Contact', id, values),
    remove: (id) => salesforce.delete('Contact', id),
    nowMs: () => salesforce.clock.now(),
    advance: (ms) => salesforce.clock.advance(ms),
    addTrigger: (change) => addTrigger(salesforce, change),
    addRule: ({ field, value, message }) =>
      void salesforce.rules.validation.push({
        object: 'Contact',
        condition: `${field} = '${value}'`,
        message,
        field,
      }),
    addDuplicateRule: (action) => {
      const rule = readDuplicateRule({ object: 'Contact', fields: ['Email'], action });
      if (typeof rule === 'string') throw new Error(rule);
      salesforce.rules.duplicate.push(rule);
      return rule.name;
    },
    lock: (text) => salesforce.faults.add({ kind: 'row', path: text, times: Number.MAX_SAFE_INTEGER }),
    under: async <T>(fault: Fault, work: () => Promise<T>, skip = 0): Promise<T> => {
      isUnreachable = fault === 'unreached';
      if (fault !== 'unreached') salesforce.faults.add({ ...FAULTS[fault], times: EVERY_TRY, skip });
      try {
        return await work();
      } finally {
        isUnreachable = false;
        salesforce.faults.clear();
      }
    },
    close: async () => {
      transport.close();
      await simulated.close();
    },
  };
}

const FAULTS = {
  unavailable: {
    kind: 'answer',
    status: 503,
    body: [{ errorCode: 'SERVER_UNAVAILABLE', message: 'The server is temporarily unavailable.' }],
  },
  'lost-answer': { kind: 'drop-after' },
  'used-up': { kind: 'request-limit' },
  'timed-out': {
    kind: 'answer',
    status: 400,
    body: [{ errorCode: 'QUERY_TIMEOUT', message: 'Your query request was running for too long.' }],
  },
  'too-large': {
    kind: 'answer',
    status: 403,
    body: [{ errorCode: 'OPERATION_TOO_LARGE', message: 'exceeded 100000 distinct ids' }],
  },
  'rows-missing': { kind: 'answer', status: 200, body: { totalSize: 2, done: true, records: [] } },
} as const;

function tokensOf(salesforce: Org) {
  const token: AccessToken = {
    accessToken: salesforce.issueTokens().access_token ?? '',
    instanceUrl: salesforce.origin,
    apiVersion: 'v59.0',
    tokenVersion: 1,
  };
  const refreshed = async (): Promise<AccessToken> => {
    throw new Error('no session ends in this suite');
  };
  return { current: async () => token, refreshed };
}

/** What a trigger does, done by the org as soon as a save is committed and before anyone can read the record. */
function addTrigger(salesforce: Org, change: (values: ContactValues) => ContactValues): void {
  const contact = findObject('Contact');
  if (!contact) throw new Error('the simulated org has no contacts');
  salesforce.store.onSaved((saved) => {
    for (const { object, id } of saved) {
      if (object !== contact) continue;
      const changes = Object.entries(change(salesforce.store.get(contact, id) ?? {})).map(
        ([name, value]) => [name, typeof value === 'boolean' ? Number(value) : value] as const,
      );
      salesforce.store.write(contact, id, new Map(changes), salesforce.users.admin.id);
    }
  });
}
