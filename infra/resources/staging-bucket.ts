import { ENVIRONMENT } from '../../shared/contracts/environment.ts';
import { PrivateBucket } from './private-bucket.ts';
import type { SyncFunction } from './sync-function.ts';

/** Plans begin with this; CSV begins with the id of its bulk job. */
const PLANS = 'plans/';

/** What waits between two steps: CSV of bulk jobs, what full sweeps have of their proofs, and plans until they are applied. */
export class StagingBucket extends PrivateBucket {
  /** Lets a function see and read what is staged, and tells it where. */
  grantReadStaged(target: SyncFunction): void {
    target.tell(ENVIRONMENT.stagingBucket, this.bucketName);
    this.grantObjects(target, ['s3:GetObject']);
    this.grantList(target);
  }

  /**
   * Lets a function stage, too: in parts where a body is large, which it gives up if the body breaks off.
   *
   * @param prefix - only objects whose keys begin so
   */
  grantStage(target: SyncFunction, prefix = ''): void {
    target.tell(ENVIRONMENT.stagingBucket, this.bucketName);
    this.grantObjects(target, ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'], prefix);
    this.grantList(target);
  }

  /** Lets a function read plans. A page that is gone is told from one that may not be read only by who may list. */
  grantReadPlans(target: SyncFunction): void {
    target.tell(ENVIRONMENT.stagingBucket, this.bucketName);
    this.grantObjects(target, ['s3:GetObject'], PLANS);
    this.grantList(target);
  }

  /** Lets a function write them, too. */
  grantPlan(target: SyncFunction): void {
    target.tell(ENVIRONMENT.stagingBucket, this.bucketName);
    this.grantObjects(target, ['s3:GetObject', 's3:PutObject'], PLANS);
    this.grantList(target);
  }
}
