import { SyncError } from './next.ts';

/**
 * One item of ours cannot be read: a newer deployment wrote it, or somebody damaged it. It says nothing of other items,
 * so work over many passes it over and tells of it.
 */
export class StoredItemError extends SyncError {}
