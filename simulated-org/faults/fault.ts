/** What a fault does to a request, or to a row. */
export type FaultKind =
  /** Answers with `status`, `body` and `headers` instead of doing anything. */
  | 'answer'
  /** Waits `delayMs` before the request is done. */
  | 'delay'
  /** Breaks the connection before anything is done. */
  | 'drop-before'
  /** Does everything and breaks the connection instead of answering. */
  | 'drop-after'
  /** Does everything and breaks the connection in the middle of the answer. */
  | 'truncate'
  /** Ends the session and answers 401. */
  | 'expired-session'
  /** Answers 503 with an HTML page. */
  | 'maintenance'
  /** Answers 403 `REQUEST_LIMIT_EXCEEDED`. */
  | 'request-limit'
  /** Refuses rows of write calls, with `UNABLE_TO_LOCK_ROW` unless told otherwise. */
  | 'row';

/** A fault to inject. */
export interface Fault {
  readonly kind: FaultKind;
  /** Only requests whose method matches this pattern; for rows: create, update or delete. */
  readonly method?: string;
  /** Only requests whose path (with query string) matches this pattern; for rows: their JSON. */
  readonly path?: string;
  /** How often; once unless given. */
  readonly times?: number;
  /** Lets this many matching requests or rows pass first. */
  readonly skip?: number;
  readonly delayMs?: number;
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** For rows: the error's code and text. For a session that ends: the code alone. */
  readonly statusCode?: string;
  readonly message?: string;
  /** For rows: the fields that the error names, and further properties of its entry. */
  readonly fields?: readonly string[];
  readonly details?: Readonly<Record<string, unknown>>;
}
