import type { Call } from '../http/call.ts';
import type { ReadContext } from '../soql/read-rows.ts';

/** What a call's rows are read with. */
export const readContextOf = ({ org, version }: Call): ReadContext => ({
  store: org.store,
  nowMs: org.clock.now(),
  version,
});
