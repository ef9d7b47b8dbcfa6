/** What an alarm asks for: a person now, or a person on the next working day. */
export type Severity = 'page' | 'ticket';

/** One kind of alarm. Its title is its heading in the runbook. */
export interface AlarmKind {
  readonly title: string;
  readonly severity: Severity;
  /** What somebody loses while it lasts, in words that need no code. */
  readonly impact: string;
}

/** Every alarm of the product. */
export const ALARMS = {
  hintDeadLetters: {
    title: 'Hints in the dead-letter queue',
    severity: 'page',
    impact:
      'Edits that these hints name are not carried over until a redrive, or until the record changes again.',
  },
  hintAge: {
    title: 'Hints wait too long',
    severity: 'page',
    impact: 'Edits on either side arrive late on the other.',
  },
  discardedChanges: {
    title: 'Local changes were discarded',
    severity: 'page',
    impact:
      'Changes of local items did not become hints; they reach Salesforce by `push-now`, or when the item changes again.',
  },
  streamLag: {
    title: 'Local changes are read late',
    severity: 'page',
    impact: 'Edits of local items arrive late in Salesforce; after 24 hours they fall out of the stream.',
  },
  dispatchDeadLetters: {
    title: 'Dispatches in the dead-letter queue',
    severity: 'ticket',
    impact: 'Some minutes were not dispatched; sweeps and waiting records started later than planned.',
  },
  dispatchSilent: {
    title: 'Nothing is dispatched',
    severity: 'page',
    impact: 'No scheduled sweep begins, and records that wait stay waiting.',
  },
  cleanupDeadLetters: {
    title: 'Clean-ups in the dead-letter queue',
    severity: 'ticket',
    impact: 'A Salesforce job of an execution that ended badly may still run and use up allowance.',
  },
  bulkLoadFailed: {
    title: 'A bulk load failed',
    severity: 'ticket',
    impact: 'A large mapping is not loaded yet; its records arrive only with the next load.',
  },
  bulkPushFailed: {
    title: 'A bulk push failed',
    severity: 'ticket',
    impact: 'Part of the local items that were to be pushed is not in Salesforce.',
  },
  functionErrors: {
    title: 'A function fails',
    severity: 'ticket',
    impact: 'What the function was asked to do is repeated or waits in dead letters.',
  },
} as const satisfies Record<string, AlarmKind>;

/** The anchor of an alarm's heading, as Markdown renderers make it. */
export const runbookAnchor = ({ title }: AlarmKind): string =>
  title
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');
