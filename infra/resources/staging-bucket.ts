import { ENVIRONMENT } from '../../shared/contracts/environment.ts';
import { STAGED } from '../../shared/contracts/staging.ts';
import { PrivateBucket } from './private-bucket.ts';
import type { SyncFunction } from './sync-function.ts';

const ACTIONS = {
  read: ['s3:GetObject'],
  write: ['s3:GetObject', 's3:PutObject'],
  /** Where a body is large; what was written of it is given up if it breaks off. */
  'write-in-parts': ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'],
} as const;

/** What waits between two steps: CSV of bulk jobs, what full sweeps have of their proofs, and plans until they are applied. */
export class StagingBucket extends PrivateBucket {
  /**
   * Lets a function use what is staged, and tells it where. An object that is gone is told from one that may not be read
   * only by who may list.
   *
   * @param part - everything, if left out
   */
  grantStaged(target: SyncFunction, access: keyof typeof ACTIONS, part?: keyof typeof STAGED): void {
    target.tell(ENVIRONMENT.stagingBucket, this.bucketName);
    this.grantObjects(target, ACTIONS[access], part && STAGED[part]);
    this.grantList(target);
  }
}
