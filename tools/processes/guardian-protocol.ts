/** What a guardian is told to run, as JSON in its first argument. Working folder, environment and stdio are inherited. */
export interface GuardianOrder {
  command: string;
  args: string[];
  /** How long the command's process group may take to end after SIGTERM, before SIGKILL. */
  graceMs: number;
}

/** What a guardian sends over its channel, once. */
export type GuardianReport = { kind: 'started'; pid: number } | { kind: 'failed'; reason: string };
