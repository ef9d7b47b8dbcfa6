import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import { PROOF_SIDES } from '../../sync/proof/canonical.ts';
import { OPEN_REASONS, type OpenReason } from '../../sync/proof/judge-pair.ts';
import { NOT_WHOLE, type NotWhole, type OpenBucket, type Proof } from '../../sync/proof/proof.ts';
import type { Proofs } from '../../use-cases/ports/proofs.ts';
import { toItem } from '../attribute-values.ts';
import type { Table } from '../dynamodb.ts';
import { attempt } from '../errors.ts';
import { type ShapeOf, storedItems } from '../stored-items.ts';
import { proofKey } from '../table-layout.ts';

const reasons = Object.keys(OPEN_REASONS) as [OpenReason, ...OpenReason[]];

const obstacles = Object.keys(NOT_WHOLE) as [NotWhole, ...NotWhole[]];

const openCounts = z.partialRecord(z.enum(reasons), z.number());

const proofItems = storedItems<Proof>(
  'proofs',
  z.object({
    mappingId: z.string(),
    sweepId: z.string(),
    from: z.string(),
    to: z.string(),
    pairs: z.number(),
    open: openCounts,
    openBuckets: z.array(
      z.object({
        side: z.enum(PROOF_SIDES),
        bucket: z.number(),
        open: openCounts,
      } satisfies ShapeOf<OpenBucket>),
    ),
    tooMany: z.exactOptional(z.number()),
    notWhole: z.exactOptional(z.enum(obstacles)),
    statement: z.exactOptional(z.string()),
    digestKey: z.string(),
  } satisfies ShapeOf<Proof>),
);

/** One item for each mapping on the sync-state table. */
export class DynamoProofs implements Proofs {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async get(mappingId: string): Promise<Proof | undefined> {
    const { Item } = await attempt('reading a proof', () =>
      this.#table.client.send(
        new GetItemCommand({
          TableName: this.#table.name,
          Key: toItem(proofKey(mappingId)),
          ConsistentRead: true,
        }),
      ),
    );
    return Item && proofItems.fromItem(Item);
  }

  async put(proof: Proof): Promise<void> {
    const Item = { ...proofItems.toItem(proof), ...toItem(proofKey(proof.mappingId)) };
    await attempt('storing a proof', () =>
      this.#table.client.send(new PutItemCommand({ TableName: this.#table.name, Item })),
    );
  }
}
