/*
 * Limits of DynamoDB that a sync config can reach: what the stack checks, and what the adapters keep to.
 * Developer Guide, "Quotas in Amazon DynamoDB", but for what is said otherwise.
 */

/** The most text of one expression. */
export const MAX_EXPRESSION_BYTES = 4096;

/** The most operators and functions of one expression; each comparison is one, and so is each AND between them. */
export const MAX_OPERATORS = 300;

/** The longest name of a key attribute of a table or an index. Other names may be longer than any of ours. */
export const MAX_KEY_NAME_BYTES = 255;

/**
 * The most attributes that a mapping may compare: those of its fields, and the one that receives the Salesforce id. A
 * write is conditional on each of them, on the item's key and on its tenant, with an AND between any two.
 */
export const MAX_COMPARED_ATTRIBUTES = Math.floor((MAX_OPERATORS + 1) / 2) - 2;

/**
 * The most fields of a mapping that are left to a person. Of 100 actions of a transaction, a record takes three, and
 * thirty decisions have room beside them.
 */
export const MAX_FIELDS_FOR_PERSON = 50;
