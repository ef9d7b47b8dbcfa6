import { bug } from './bug.ts';
import type { PlantedBug } from './bundle.ts';

const UNDO = 'shared/sync/undo';
const TAKE_BACK = `${UNDO}/take-back.ts`;
const BESIDE = 'undo beside edits';
const BROUGHT_BACK = 'undo of what was brought back';
const NEW = 'undo of one new item';
const ENDED = 'pairs that an undo ends while workers die';
const AT_REST = 'undo, and undo of the undo';

/** What an undo may do wrong. */
export const UNDO_BUGS: readonly PlantedBug[] = [
  bug(
    'an undo takes back what came after its time',
    BESIDE,
    `${UNDO}/past.ts`,
    'epochMs(at) <= epochMs(to) && ',
    '',
  ),
  bug(
    'an undo of a run takes back all of its time',
    BESIDE,
    `${UNDO}/past.ts`,
    '(runId === undefined || isOf(causes, runId));',
    '(runId === undefined || causes.length > 0);',
  ),
  bug(
    'an undo writes the item alone',
    AT_REST,
    TAKE_BACK,
    '    remoteWrites: values,',
    '    remoteWrites: {},',
  ),
  bug(
    'an undo is taken for agreed upon before Salesforce has it',
    AT_REST,
    TAKE_BACK,
    'baseBeforeRemote: { ...base, ...before },',
    'baseBeforeRemote: { ...base, ...values },',
  ),
  bug(
    'an undo overwrites an edit that nobody has looked at',
    BESIDE,
    TAKE_BACK,
    "if (ordinary.kind !== 'in-step' || local === 'missing' || typeof remote === 'string') return ordinary;",
    "if (local === 'missing' || typeof remote === 'string') return ordinary;",
  ),
  bug(
    'an undo ends a pair that changed since its history was read',
    BROUGHT_BACK,
    TAKE_BACK,
    '  if (asOf !== undefined && link.version !== asOf && link.endsPair === undefined) return undefined;\n',
    '',
  ),
  bug(
    'an undo deletes a pair that was edited since',
    NEW,
    `${UNDO}/pair-undo.ts`,
    '.every(({ isTaken }) => isTaken)',
    '.every(({ isTaken }) => isTaken || !isTaken)',
  ),
  bug(
    'the end of a pair is announced as nothing',
    ENDED,
    'shared/sync/reconcile/settle.ts',
    'return { ...rest, endsPair: undoId, lease };',
    'return { ...rest, lease };',
  ),
  bug(
    'an undo does not wait for keys that others hold',
    AT_REST,
    'shared/use-cases/reconciliation/plan/apply-page.ts',
    'const waitMs = undo ? Math',
    'const waitMs = undo && held.length < 0 ? Math',
  ),
];
