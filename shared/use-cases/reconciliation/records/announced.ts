import type { Link } from '../../../sync/model/link.ts';
import type { CreateRemotePlan, WritePlan } from '../../../sync/reconcile/plan.ts';
import type { Planned } from './applied.ts';

/** A plan that writes to Salesforce. */
export type PushPlan = WritePlan | CreateRemotePlan;

/** A remote write that the link announces; `link` is as it is stored now. */
export interface Announced {
  readonly planned: Planned<PushPlan>;
  readonly link: Link;
}
