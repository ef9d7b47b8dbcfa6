/** Marks a key as made here, for whoever reads the table. */
const DERIVED = 'sf';

/**
 * The key of an item for a record that was born in Salesforce and carries no external id. It names the connection,
 * because two orgs may hold the same record id (a sandbox copies them).
 */
export const derivedLocalKey = (connectionId: string, sfId: string): string =>
  `${DERIVED}-${connectionId}-${sfId}`;

/** The key of the item that a record was born from, or undefined for one born in Salesforce. */
export const localKeyFromExternalId = (externalId: string | null): string | undefined =>
  externalId === null || externalId === '' ? undefined : externalId;
