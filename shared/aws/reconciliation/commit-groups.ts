import {
  type CancellationReason,
  type DynamoDBClient,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import type { CommitOutcome } from '../../use-cases/ports/sync-store.ts';
import { inParallel } from '../dynamodb.ts';
import { attempt, Throttled } from '../errors.ts';
import { inRounds } from '../rounds.ts';

/** One record's part of a transaction. */
export interface CommitActions {
  /** The actions, each with what it writes. */
  readonly parts: readonly {
    readonly part: 'link' | 'pointer' | 'item' | 'conflict' | 'history';
    readonly action: TransactWriteItem;
  }[];
  /**
   * Every item that it touches. DynamoDB refuses a transaction that touches one twice, and commits that share one
   * happen in their order.
   */
  readonly touches: readonly string[];
}

/** TransactWriteItems takes 100 actions; a record has up to four, and one for each conflict that it decides. */
const MAX_ACTIONS = 100;
/** DynamoDB's limit is 4 MB, and it counts less than the JSON of the actions has. */
const MAX_TRANSACTION_BYTES = 3_500_000;
/** One record at a time after the first few rounds: some four seconds of conflicts before giving up. */
const ROUNDS = 10;
const GROUPED_ROUNDS = 3;
/** A transaction takes some tens of milliseconds, nearly all of it waiting, so a few run side by side. */
const GROUPS_AT_ONCE = 4;

/** `alone`: DynamoDB refused a transaction without saying which record is to blame; each is sent by itself. */
type Result = CommitOutcome | 'throttled' | 'alone';

/**
 * Commits records in as few transactions as they fit in, and still each on its own: whatever cancels a transaction
 * decides the records it names, and the others are sent again without them. Commits that touch the same item happen
 * in the order given: the later one begins when the earlier one is decided.
 *
 * @throws Throttled after all other records have been tried, or another StoreError, after which nothing is begun
 */
export const commitAll = async (
  client: DynamoDBClient,
  commits: readonly CommitActions[],
): Promise<readonly CommitOutcome[]> => {
  const results = new Map<CommitActions, Result>();
  for (const turn of turnsOf(commits)) {
    await inParallel(groupsOf(turn), (group) => commitGroup(client, group, results), GROUPS_AT_ONCE);
  }
  return commits.map((commit) => {
    const result = results.get(commit);
    if (result === 'throttled') throw new Throttled('committing records');
    // A record that is still undecided lost to other writers in every round.
    return result === undefined || result === 'alone' ? 'lost-race' : result;
  });
};

/**
 * Commits in turns, which run one after the other: no turn has two commits of the same item, and whatever shares no
 * item with an earlier commit is in the first. Nearly always that is all.
 */
const turnsOf = (commits: readonly CommitActions[]): CommitActions[][] => {
  const turns: CommitActions[][] = [];
  const nextTurn = new Map<string, number>();
  for (const commit of commits) {
    const turn = Math.max(0, ...commit.touches.map((key) => nextTurn.get(key) ?? 0));
    if (turn === turns.length) turns.push([]);
    turns[turn]?.push(commit);
    for (const key of commit.touches) nextTurn.set(key, turn + 1);
  }
  return turns;
};

/** In order, each as full as it can be. */
const groupsOf = (commits: readonly CommitActions[]): CommitActions[][] => {
  const groups: CommitActions[][] = [];
  let actions = MAX_ACTIONS;
  let bytes = 0;
  for (const commit of commits) {
    const size = Buffer.byteLength(JSON.stringify(commit.parts));
    if (actions + commit.parts.length > MAX_ACTIONS || bytes + size > MAX_TRANSACTION_BYTES) {
      groups.push([]);
      actions = 0;
      bytes = 0;
    }
    groups.at(-1)?.push(commit);
    actions += commit.parts.length;
    bytes += size;
  }
  return groups;
};

const commitGroup = (
  client: DynamoDBClient,
  group: readonly CommitActions[],
  results: Map<CommitActions, Result>,
): Promise<void> => {
  let left = group;
  return inRounds<void>(
    ROUNDS,
    async (round) => {
      const isApart = round >= GROUPED_ROUNDS || left.some((commit) => results.get(commit) === 'alone');
      const batches = isApart ? left.map((commit) => [commit]) : [left];
      for (const batch of batches) await transact(client, batch, results);
      const before = left.length;
      left = left.filter((commit) => isUndecided(results.get(commit)));
      if (left.length === 0) return { answer: undefined };
      const isSplit = left.some((commit) => results.get(commit) === 'alone');
      return left.length === before && !isSplit ? 'pause' : 'at-once';
    },
    () => {
      // Other writers were at the same items in every round, so what was read of them is old by now.
      for (const commit of left) if (results.get(commit) === undefined) results.set(commit, 'lost-race');
    },
  );
};

const isUndecided = (result: Result | undefined): boolean =>
  result === undefined || result === 'throttled' || result === 'alone';

const transact = async (
  client: DynamoDBClient,
  batch: readonly CommitActions[],
  results: Map<CommitActions, Result>,
): Promise<void> => {
  const TransactItems = batch.flatMap((commit) => commit.parts.map(({ action }) => action));
  const reasons = await attempt('committing records', async () => {
    try {
      await client.send(new TransactWriteItemsCommand({ TransactItems }));
      return undefined;
    } catch (error) {
      if (error instanceof TransactionCanceledException) return error.CancellationReasons ?? [];
      if (error instanceof Error && error.name === 'ValidationException') return error;
      throw error;
    }
  });
  if (reasons instanceof Error) {
    // The transaction is too large, or one record cannot be stored. Sent by itself, each gets its own answer.
    for (const commit of batch) results.set(commit, batch.length > 1 ? 'alone' : refusalOf(reasons.message));
    return;
  }
  let from = 0;
  for (const commit of batch) {
    const own = reasons?.slice(from, from + commit.parts.length);
    from += commit.parts.length;
    const result = own === undefined ? 'committed' : resultOf(commit, own);
    if (result === undefined) results.delete(commit);
    else results.set(commit, result);
  }
};

const THROTTLING = new Set(['ProvisionedThroughputExceeded', 'ThrottlingError']);
/** Codes of an action that is sent again: it was not at fault, or another transaction held its item. */
const AGAIN = new Set(['None', 'TransactionConflict', undefined]);

/** What a cancelled transaction's reasons say about one of its records; undefined if they do not decide it. */
const resultOf = (commit: CommitActions, reasons: readonly CancellationReason[]): Result | undefined => {
  const failed = commit.parts.filter((_, index) => reasons[index]?.Code === 'ConditionalCheckFailed');
  // A changed link or item is read again first; whose the Salesforce id is shows after that.
  if (failed.some(({ part }) => part !== 'pointer')) return 'lost-race';
  if (failed.length > 0) return 'sf-id-taken';
  const codes = reasons.map((reason) => reason.Code);
  if (codes.some((code) => code !== undefined && THROTTLING.has(code))) return 'throttled';
  const refused = reasons.find(({ Code }) => !AGAIN.has(Code));
  return refused && refusalOf(refused.Message);
};

/**
 * An item takes 400 KB, and no code of DynamoDB's says that it would be more: only the text does, "Item size has
 * exceeded ..." or "Item size to update has exceeded ...". Keys and expressions have sizes too.
 */
const refusalOf = (message = ''): CommitOutcome => (/\bitem size\b/i.test(message) ? 'too-large' : 'refused');
