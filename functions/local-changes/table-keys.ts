import * as z from 'zod/mini';
import { ConfigurationError } from '../../shared/contracts/configuration-error.ts';
import type { SyncConfig } from '../../shared/contracts/sync-config.ts';

/** No more of a batch than what the keys are looked at by; all else is judged elsewhere. */
const keyedBatch = z.object({
  Records: z.array(
    z.object({
      eventSourceARN: z.string(),
      dynamodb: z.object({ Keys: z.record(z.string(), z.record(z.string(), z.unknown())) }),
    }),
  ),
});

/**
 * Looks at what only AWS knows of an existing table: that its key is the config's, alone and a text. With another one no
 * change could be understood, and none may pass for a change that means nothing.
 *
 * @param event - a batch of a table's stream; one without keys is left to others
 * @param tableNames - a physical table's name to the one in the sync config
 * @throws ConfigurationError `TABLE_KEY_UNUSABLE`
 */
export const checkTableKeys = (
  event: unknown,
  tableNames: ReadonlyMap<string, string>,
  localTables: SyncConfig['localTables'],
): void => {
  for (const { eventSourceARN, dynamodb } of keyedBatch.safeParse(event).data?.Records ?? []) {
    const localTable = tableNames.get(/:table\/([^/]+)\/stream\//.exec(eventSourceARN)?.[1] ?? '') ?? '';
    const keyField = localTables[localTable]?.keyField;
    const [[name, value] = [], ...others] = Object.entries(dynamodb.Keys);
    const isUsable = name === keyField && others.length === 0 && value !== undefined && 'S' in value;
    if (keyField === undefined || isUsable) continue;
    throw new ConfigurationError(
      'TABLE_KEY_UNUSABLE',
      `The local table ${localTable} must have ${keyField} as its partition key, of type string, and no sort key.`,
    );
  }
};
