import { GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { SYNC_STATE_TABLE, TTL_ATTRIBUTE } from '../../contracts/tables.ts';
import type { Finding, FindingKind, SweepScope } from '../../sync/full-sweep/findings.ts';
import type { FullSweep, FullSweeps, SweepMove } from '../../use-cases/ports/full-sweeps.ts';
import { toItem } from '../attribute-values.ts';
import { queryUpTo, type Table, tryWrite, writeAll } from '../dynamodb.ts';
import { attempt } from '../errors.ts';
import { allOf, beginsWith, type Condition, conditionOf, equals, isAbsent, queryOf } from '../expressions.ts';
import {
  expiryAfter,
  findingKey,
  findingsPartition,
  fullSweepKey,
  fullSweepsPartition,
  KEPT_DAYS,
} from '../table-layout.ts';
import { findingItems, fullSweepItems } from './full-sweep-items.ts';

const { partitionKey, sortKey } = SYNC_STATE_TABLE;
/** More mappings than any sync config has. */
const MAX_PER_CONNECTION = 1_000;

type Named = Pick<FullSweep, 'mappingId' | 'sweepId'>;

/** Full sweeps and what they found, on the sync-state table. */
export class DynamoFullSweeps implements FullSweeps {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async get(mappingId: string, scope?: SweepScope): Promise<FullSweep | undefined> {
    const { Item } = await attempt('reading a full sweep', () =>
      this.#table.client.send(
        new GetItemCommand({
          TableName: this.#table.name,
          Key: toItem(fullSweepKey(mappingId, scope)),
          ConsistentRead: true,
        }),
      ),
    );
    return Item && fullSweepItems.fromItem(Item);
  }

  async ofConnection(connectionId: string): Promise<readonly FullSweep[]> {
    const query = {
      ConsistentRead: true,
      ...queryOf({ key: equals(partitionKey, fullSweepsPartition(connectionId)) }),
    };
    const items = await queryUpTo(this.#table, query, MAX_PER_CONNECTION, 'reading full sweeps');
    return items.map(fullSweepItems.fromItem);
  }

  begin(sweep: Omit<FullSweep, 'version'>, over: FullSweep | undefined): Promise<FullSweep | undefined> {
    return this.#put({ ...sweep, version: 1 }, over ? isAsRead(over) : isAbsent(partitionKey));
  }

  move(from: FullSweep, move: SweepMove): Promise<FullSweep | undefined> {
    return this.#put({ ...from, ...move, version: from.version + 1 }, isAsRead(from));
  }

  async keep({ mappingId, sweepId }: Named, at: string, findings: readonly Finding[]): Promise<void> {
    const expiresAt = expiryAfter(at, KEPT_DAYS.finding);
    const items = new Map(
      findings.map((finding) => {
        const key = findingKey(mappingId, sweepId, finding.kind, keyOf(finding));
        const Item = { ...findingItems.toItem(finding), ...toItem({ ...key, [TTL_ATTRIBUTE]: expiresAt }) };
        return [key.sk, { PutRequest: { Item } }];
      }),
    );
    await writeAll(this.#table, [...items.values()], 'keeping what a full sweep found');
  }

  async findings(
    { mappingId, sweepId }: Named,
    { kind, after, limit }: { readonly kind?: FindingKind; readonly after?: string; readonly limit: number },
  ): Promise<{ findings: readonly Finding[]; next?: string }> {
    const partition = findingsPartition(mappingId, sweepId);
    const ofSweep = equals(partitionKey, partition);
    const key = kind === undefined ? ofSweep : allOf(ofSweep, beginsWith(sortKey, `${kind}#`));
    const { Items = [], LastEvaluatedKey } = await attempt('reading what a full sweep found', () =>
      this.#table.client.send(
        new QueryCommand({
          TableName: this.#table.name,
          Limit: limit,
          ...queryOf({ key }),
          ...(after !== undefined && {
            ExclusiveStartKey: toItem({ [partitionKey]: partition, [sortKey]: after }),
          }),
        }),
      ),
    );
    const next = LastEvaluatedKey?.[sortKey]?.S;
    const findings = Items.map(findingItems.fromItem);
    return next === undefined ? { findings } : { findings, next };
  }

  async #put(sweep: FullSweep, onlyIf: Condition): Promise<FullSweep | undefined> {
    const Item = { ...fullSweepItems.toItem(sweep), ...toItem(fullSweepKey(sweep.mappingId, sweep.scope)) };
    const isDone = await tryWrite('moving a full sweep', () =>
      this.#table.client.send(
        new PutItemCommand({ TableName: this.#table.name, Item, ...conditionOf(onlyIf) }),
      ),
    );
    return isDone ? sweep : undefined;
  }
}

const isAsRead = ({ sweepId, version }: FullSweep): Condition =>
  allOf(equals('sweepId', sweepId), equals('version', version));

const keyOf = ({ localKey, sfId }: Finding): string => localKey ?? sfId ?? '';
