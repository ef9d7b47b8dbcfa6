import type { Step } from './step.ts';

/** Steps that succeed or fail together. */
export interface Graph {
  readonly graphId: string;
  readonly steps: readonly Step[];
}
