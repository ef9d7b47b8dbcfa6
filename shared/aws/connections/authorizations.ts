import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CONNECTIONS_TABLE, TTL_ATTRIBUTE } from '../../contracts/tables.ts';
import type { AuthorizationStore, PendingAuthorization } from '../../use-cases/ports/connection-store.ts';
import { toItem } from '../attribute-values.ts';
import { type Table, tryWrite } from '../dynamodb.ts';
import { attempt } from '../errors.ts';
import { conditionOf, isAbsent } from '../expressions.ts';
import { besideKey, pendingAuthorizations, usedTickets } from './connection-items.ts';

/** DynamoDB deletes expired items within days, so whoever reads one compares the time as well. */
const expiry = (expiresAtMs: number) => toItem({ [TTL_ATTRIBUTE]: Math.ceil(expiresAtMs / 1000) });

/** Used tickets and pending authorisations, on the connections table. */
export class DynamoAuthorizations implements AuthorizationStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async consumeTicket(ticketId: string, expiresAtMs: number): Promise<boolean> {
    return tryWrite('using a ticket', () =>
      this.#table.client.send(
        new PutItemCommand({
          TableName: this.#table.name,
          Item: { ...usedTickets.toItem({}), ...besideKey('ticket', ticketId), ...expiry(expiresAtMs) },
          ...conditionOf(isAbsent(CONNECTIONS_TABLE.partitionKey)),
        }),
      ),
    );
  }

  async saveState(state: PendingAuthorization): Promise<void> {
    const Item = {
      ...pendingAuthorizations.toItem({ pending: state }),
      ...besideKey('state', state.stateHash),
      ...expiry(state.expiresAtMs),
    };
    await attempt('saving a pending authorization', () =>
      this.#table.client.send(new PutItemCommand({ TableName: this.#table.name, Item })),
    );
  }

  async consumeState(stateHash: string, nowMs: number): Promise<PendingAuthorization | undefined> {
    const { Attributes } = await attempt('using a pending authorization', () =>
      this.#table.client.send(
        new DeleteItemCommand({
          TableName: this.#table.name,
          Key: besideKey('state', stateHash),
          ReturnValues: 'ALL_OLD',
        }),
      ),
    );
    if (!Attributes) return undefined;
    const { pending } = pendingAuthorizations.fromItem(Attributes);
    return pending.expiresAtMs > nowMs ? pending : undefined;
  }
}
