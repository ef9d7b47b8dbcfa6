import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { KEPT_DAYS } from '../../../shared/aws/table-layout.ts';
import {
  LINK_LEASE_MS,
  TAKEN_VISIBILITY_SECONDS,
  TOKEN_LEASE_MS,
  TOKEN_REQUEST_TIMEOUT_MS,
  TURN_MS,
} from '../../../shared/contracts/lifetimes.ts';
import { pollWaitSeconds } from '../../../shared/sync/bulk-job/polling.ts';
import { KEYS_OF_A_PAGE } from '../../../shared/sync/plan/estimate.ts';
import { readPage } from './markdown.ts';

const WORDS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

/** As the pages write numbers: small ones in words, large ones with a comma between thousands. */
const word = (value: number): string => WORDS[value] ?? value.toLocaleString('en-US');

/** A number that is a constant of one file alone, by its name. */
const constant = (path: string, name: string): number => {
  const [, digits] = new RegExp(`const ${name} = ([\\d_]+);`).exec(readFileSync(path, 'utf8')) ?? [];
  if (digits === undefined) throw new Error(`${path} has no number ${name}`);
  return Number(digits.replaceAll('_', ''));
};

const DAY_SECONDS = 24 * 3600;
const PAGE_ROWS = constant('shared/use-cases/bulk/load/fetch-page.ts', 'DEFAULT_PAGE_ROWS');
const PUSH_RECORDS = constant('shared/use-cases/bulk/push/collect-push.ts', 'DEFAULT_PUSH_RECORDS');
const KEYS_PER_HINT = constant('shared/contracts/hints.ts', 'MAX_KEYS_PER_HINT');
const RECEIVES = constant('infra/resources/hint-queue.ts', 'MAX_RECEIVES');
const ROUNDS = constant('shared/use-cases/reconciliation/reconcile-records.ts', 'MAX_ROUNDS');
const HANDLE_HINTS = 'shared/use-cases/reconciliation/handle-hints.ts';
const PARK_AFTER = constant(HANDLE_HINTS, 'PARK_AFTER_RECEIVES');
const CROWDED_AFTER = constant(HANDLE_HINTS, 'CROWDED_PARK_AFTER_RECEIVES');
const SILENCE_MS = constant('shared/use-cases/reconciliation/org-turn.ts', 'SILENCE_MS');
const REMEMBERED_MS = constant('shared/use-cases/reconciliation/echoes.ts', 'REMEMBERED_MS');
const ROWS_TOGETHER = constant('shared/salesforce/select.ts', 'ROWS_TOGETHER');
const SWEEPS_PER_HINT = constant('shared/contracts/hints.ts', 'MAX_SWEEPS_PER_HINT');
const FIRST_PAUSE_MS = constant('shared/use-cases/reconciliation/org-turn.ts', 'FIRST_PAUSE_MS');
const TRIES = constant('shared/salesforce-client/transport/retry.ts', 'MAX_ATTEMPTS');
const COLLECTIONS = 'shared/salesforce-client/resources/collections';
const SEARCH_CALLS = constant(`${COLLECTIONS}/collection-writes.ts`, 'MAX_SEARCH_CALLS');
const GZIP_BYTES = constant('shared/salesforce-client/transport/request-body.ts', 'GZIP_FROM_BYTES');
const SHOWN_CHARS = constant('shared/use-cases/reconciliation/records/conflicts.ts', 'MAX_SHOWN_CHARS');
const STATE_BUCKETS = constant('shared/aws/table-layout.ts', 'BUCKETS');
const KEY_BYTES = constant('shared/aws/table-layout.ts', 'MAX_KEY_BYTES');
const LIST_SHARDS = constant('shared/aws/table-layout.ts', 'LIST_SHARDS');
const STAGED_DAYS = constant('infra/capabilities/bulk.ts', 'KEEP_STAGED_DAYS');
const DISCARDED_DAYS = constant('infra/capabilities/local-changes.ts', 'KEEP_DISCARDED_DAYS');
const BUNDLE_BYTES = constant('test/infra/bundles.test.ts', 'MAX_CODE_BYTES');
const LISTED = constant('shared/use-cases/reconciliation/full-sweep/full-sweep.ts', 'LISTED_OF_A_KIND');
const [, MINISTACK = ''] =
  /ministack==([\d.]+)/.exec(readFileSync('tools/install/ministack.ts', 'utf8')) ?? [];

test.each([
  ['01-how-it-works', `A hint names at most ${word(KEYS_PER_HINT)} records`],
  ['01-how-it-works', `looks again, ${word(ROUNDS)} times in all`],
  ['01-how-it-works', `the lease ends after ${LINK_LEASE_MS / 1000} seconds`],
  ['01-how-it-works', `which is for ${word(REMEMBERED_MS / 1000)} seconds`],
  ['01-how-it-works', `a sweep of up to ${word(SWEEPS_PER_HINT)} mappings of one connection`],
  ['costs', `A worker knows a mapping for ${word(REMEMBERED_MS / 1000)} seconds`],
  ['costs', `if none finds more than ${word(ROWS_TOGETHER)} records`],
  ['costs', `Up to ${word(SWEEPS_PER_HINT)} mappings of one connection`],
  ['limits', `worked on for some ${word(TURN_MS / 1000)} seconds more`],
  ['02-connections-and-tokens', `a lease of ${TOKEN_LEASE_MS / 1000} seconds`],
  ['02-connections-and-tokens', `with ${word(TOKEN_REQUEST_TIMEOUT_MS / 1000)} seconds for the answer`],
  ['03-mappings-and-values', `longer than ${word(SHOWN_CHARS)} characters`],
  ['03-mappings-and-values', `in the journal for ${KEPT_DAYS.decidedConflict} days`],
  ['04-bulk-jobs', `kept in the staging bucket for ${word(STAGED_DAYS)} days`],
  ['04-bulk-jobs', `A page has ${word(PAGE_ROWS)} rows`],
  ['04-bulk-jobs', `About ${word(PUSH_RECORDS)} go into one execution`],
  ['04-bulk-jobs', `polled ${pollWaitSeconds(0)} seconds after its start`],
  ['04-bulk-jobs', `at last every ${word(pollWaitSeconds(DAY_SECONDS) / 60)} minutes`],
  ['06-waiting-and-failing', `tried ${word(TRIES)} times within the call`],
  ['06-waiting-and-failing', `from its ${PARK_AFTER === 5 ? 'fifth' : PARK_AFTER} receipt on`],
  ['06-waiting-and-failing', `unanswered for ${word(SILENCE_MS / 1000)} seconds`],
  ['06-waiting-and-failing', `left alone for ${FIRST_PAUSE_MS / 1000} seconds`],
  ['06-waiting-and-failing', `from their ${CROWDED_AFTER === 3 ? 'third' : CROWDED_AFTER} receipt on`],
  ['06-waiting-and-failing', `shown again after ${TAKEN_VISIBILITY_SECONDS} seconds`],
  [
    '06-waiting-and-failing',
    `for ${LINK_LEASE_MS / 1000} seconds, which is as long as a dead worker's lease`,
  ],
  ['06-waiting-and-failing', `for ${TURN_MS / 1000} seconds`],
  ['06-waiting-and-failing', `looked at ${word(ROUNDS)} times in all`],
  ['06-waiting-and-failing', `after ${word(RECEIVES)} times it is a dead letter`],
  ['07-data-at-rest', `${KEPT_DAYS.run} days`],
  ['07-data-at-rest', `${KEPT_DAYS.endedBulkJob} days after its end`],
  ['07-data-at-rest', `\`links#<mapping>#<0 to ${STATE_BUCKETS - 1}>\``],
  ['07-data-at-rest', `spread over ${word(LIST_SHARDS)} keys`],
  ['07-data-at-rest', `more than ${word(KEY_BYTES)} bytes`],
  ['08-salesforce-client', `at most ${SEARCH_CALLS} further calls`],
  ['09-platform-facts', `compressed from ${word(GZIP_BYTES)} bytes on`],
  ['09-platform-facts', `up to ${SEARCH_CALLS} calls for one list`],
  ['costs', `each page of ${word(PAGE_ROWS)}`],
  ['13-full-sweep', `The first ${word(LISTED)} of each kind are listed, for ${KEPT_DAYS.finding} days`],
  ['costs', `for each ${word(PUSH_RECORDS)} |`],
  ['costs', `staged CSV ${STAGED_DAYS} days, discarded stream batches ${DISCARDED_DAYS} days`],
  ['limits', `at ${word(PAGE_ROWS)} a page`],
  ['16-plan', `lists the keys, at most ${word(KEYS_OF_A_PAGE)} a page`],
  ['16-plan', `encrypted, for ${word(STAGED_DAYS)} days`],
  ['16-plan', `can be applied for ${word(STAGED_DAYS)} days`],
  ['07-data-at-rest', `the keys of a plan for ${KEPT_DAYS.plannedKey} days`],
  ['runbook', `received ${word(RECEIVES)} times`],
  ['runbook', `expire after ${DISCARDED_DAYS} days`],
  ['emulated-aws', `MiniStack ${MINISTACK} `],
  ['decisions/0002-own-bundling', `each bundle below ${BUNDLE_BYTES / 1000} KB`],
  ['decisions/0017-an-unreadable-value-is-found-by-halves', `no more than ${SEARCH_CALLS} calls`],
])('docs/%s says, as the code does: %s', (page, sentence) => {
  expect(readPage(`docs/${page}.md`).text).toContain(sentence);
});
