import type { Org } from '../org/org.ts';
import type { Request } from './messages.ts';

/** One request on its way to the handler of its route. */
export interface Call {
  readonly org: Org;
  readonly request: Request;
  /** The route pattern's groups, decoded. */
  readonly params: readonly string[];
  /** API version of the path, such as `59.0`; empty outside `/services/data`. */
  readonly version: string;
  /** The session's user; empty where none is needed. */
  readonly userId: string;
}
