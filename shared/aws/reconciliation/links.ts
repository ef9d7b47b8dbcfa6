import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { Link } from '../../sync/model/link.ts';
import { fromItem, type RawItem, toItem } from '../attribute-values.ts';
import { linkKey, pointerKey } from '../table-layout.ts';

export const linkItemKey = (mappingId: string, localKey: string): RawItem =>
  toItem(linkKey(mappingId, localKey));

export const pointerItemKey = (mappingId: string, sfId: string): RawItem =>
  toItem(pointerKey(mappingId, sfId));

/** Nothing but `putLink` writes links, so their shape is known. */
export const linkOf = (item: RawItem): Link => {
  const { pk: _pk, sk: _sk, ...link } = fromItem(item);
  return link as unknown as Link;
};

/** Writes a link over the version that was read, or where none is. */
export const putLink = (
  tableName: string,
  link: Omit<Link, 'version'>,
  expectedVersion: number,
): TransactWriteItem => ({
  Put: {
    TableName: tableName,
    Item: {
      ...toItem({ ...link, version: expectedVersion + 1 }),
      ...linkItemKey(link.mappingId, link.localKey),
    },
    ...(expectedVersion === 0
      ? { ConditionExpression: 'attribute_not_exists(pk)' }
      : {
          ConditionExpression: '#version = :version',
          ExpressionAttributeNames: { '#version': 'version' },
          ExpressionAttributeValues: toItem({ ':version': expectedVersion }),
        }),
  },
});

/**
 * Leads from a Salesforce id to the local key that it is linked to; never to two. It stays as long as the link,
 * tombstones included.
 */
export const putPointer = (
  tableName: string,
  mappingId: string,
  sfId: string,
  localKey: string,
): TransactWriteItem => ({
  Put: {
    TableName: tableName,
    Item: { ...pointerItemKey(mappingId, sfId), ...toItem({ sfId, localKey }) },
    ConditionExpression: 'attribute_not_exists(pk) OR #localKey = :localKey',
    ExpressionAttributeNames: { '#localKey': 'localKey' },
    ExpressionAttributeValues: toItem({ ':localKey': localKey }),
  },
});
