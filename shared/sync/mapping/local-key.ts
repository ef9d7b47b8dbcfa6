/** Marks a key as made here, for whoever reads the table. */
const DERIVED = 'sf';

/**
 * The key of an item for a record that was born in Salesforce and carries no external id. It names the connection,
 * because two orgs may hold the same record id (a sandbox copies them).
 */
export const derivedLocalKey = (connectionId: string, sfId: string): string =>
  `${DERIVED}-${connectionId}-${sfId}`;

/**
 * Whether a key could be one that is made here. Such a key may be that of an item to come, of another tenant's
 * connection even, so only the record that it names may claim it.
 */
export const isReservedKey = (localKey: string): boolean => localKey.startsWith(`${DERIVED}-`);

/** Why Salesforce cannot hold a local key as an external id, for the rejection of its item. */
export interface KeyProblem {
  readonly code: 'KEY_TOO_LONG' | 'KEY_NOT_STORABLE';
  readonly message: string;
}

/** A text field of Salesforce holds no more. */
const MAX_KEY_CHARS = 255;
/** Salesforce trims text, and no text field of one line holds control characters. */
const CONTROL = /\p{Cc}/u;

/**
 * Whether Salesforce can hold a local key unchanged: one that it cut or trimmed would never be found again, and a
 * query that names it fails together with all the keys beside it.
 */
export const keyProblem = (localKey: string): KeyProblem | undefined => {
  if (localKey.length > MAX_KEY_CHARS) {
    return {
      code: 'KEY_TOO_LONG',
      message: `The item's key has ${localKey.length} characters and an external id of Salesforce holds ${MAX_KEY_CHARS}: give the item a shorter key.`,
    };
  }
  const isStorable =
    localKey !== '' && localKey.trim() === localKey && localKey.isWellFormed() && !CONTROL.test(localKey);
  if (isStorable) return undefined;
  return {
    code: 'KEY_NOT_STORABLE',
    message:
      "Salesforce would not keep the item's key as it is: give the item a key without white space at its ends and without control characters.",
  };
};
