/*
 * Limits of DynamoDB that a sync config can reach: what the stack checks, and what the adapters keep to.
 * Developer Guide, "Quotas in Amazon DynamoDB", but for what is said otherwise.
 */

/** The most text of one expression. */
export const MAX_EXPRESSION_BYTES = 4096;

/** The longest name of a key attribute of a table or an index. Other names may be longer than any of ours. */
export const MAX_KEY_NAME_BYTES = 255;

/** Of a condition: that the item is there, and whose it is. */
const KEY_AND_TENANT_BYTES = 60;
/** `attribute_not_exists()` and an AND, which is the longest that is ever claimed of an attribute. */
const CLAIM_BYTES = 27;
/** The placeholder of a name, such as `#n3f`, and a dot. */
const NAME_BYTES = 5;

/**
 * The bytes of the condition on which a write to an item depends, at the longest: each mapped attribute, the one that
 * receives the Salesforce id, and each map that one is in, is as it was read.
 *
 * @param names - for each of them, how many names lead to it: one for an attribute of the item itself
 */
export const conditionBytes = (names: readonly number[]): number =>
  names.reduce((sum, count) => sum + CLAIM_BYTES + count * NAME_BYTES - 1, KEY_AND_TENANT_BYTES);

/** The most attributes of an item itself that a mapping may compare. Fewer operators are needed than DynamoDB takes. */
export const MAX_COMPARED_ATTRIBUTES = Math.floor(
  (MAX_EXPRESSION_BYTES - KEY_AND_TENANT_BYTES) / (CLAIM_BYTES + NAME_BYTES - 1),
);

/** The most names of a path into an item: a map in a map in a map, and an attribute there. */
export const MAX_PATH_NAMES = 4;

/**
 * The most fields of a mapping that are left to a person. Of 100 actions of a transaction, a record takes three, and
 * thirty decisions have room beside them.
 */
export const MAX_FIELDS_FOR_PERSON = 50;
