import { describe, expect, test } from '@jest/globals';
import type { ClearName } from '../../../../shared/sync/guard/clears.ts';
import {
  type Decided,
  deletedValues,
  localChanges,
  remoteChanges,
} from '../../../../shared/sync/history/changes.ts';
import type { FieldChange } from '../../../../shared/sync/history/line.ts';
import type { FieldValues } from '../../../../shared/sync/model/values.ts';
import {
  type CreateRemotePlan,
  type FieldConflict,
  REASONS,
  type WritePlan,
} from '../../../../shared/sync/reconcile/plan.ts';
import { aField, aLink, aLocalItem, aMapping, aRemoteRecord } from '../../../builders/sync.ts';

/** A mapping of `email` alone, so that each test shows what becomes of one field. */
const mapping = aMapping({ fields: [aField({ localField: 'email' })] });
const OLD = { email: 'ann@example.com' };
const NEW = { email: 'new@example.com' };

const write = (change: Partial<WritePlan> = {}): WritePlan => ({
  kind: 'write',
  localWrites: {},
  remoteWrites: {},
  nextBase: NEW,
  baseBeforeRemote: OLD,
  adjusted: {},
  held: [],
  conflicts: [],
  ...change,
});
const create = (change: Partial<CreateRemotePlan> = {}): CreateRemotePlan => ({
  kind: 'create-remote',
  values: NEW,
  nextBase: NEW,
  baseBeforeRemote: {},
  ...change,
});
const decided = (change: Partial<Decided>): Decided => ({
  mapping,
  link: aLink({ base: OLD }),
  local: aLocalItem({ values: OLD }),
  remote: aRemoteRecord({ values: OLD }),
  plan: { kind: 'in-step' },
  ...change,
});
const email = (change: Omit<FieldChange, 'field'>): readonly FieldChange[] => [{ field: 'email', ...change }];
const [before, after] = [OLD.email, NEW.email];
const conflict = (reason: FieldConflict['reason']): FieldConflict => ({
  field: 'email',
  base: before,
  local: before,
  remote: after,
  policy: 'last-write-wins',
  winner: 'salesforce',
  reason,
});

describe('of what the item gets, the history tells', () => {
  const written = write({ localWrites: NEW });
  const ofItem = (change: Partial<Decided>) => localChanges(decided({ plan: written, ...change }), NEW);

  test('that it is an edit in Salesforce where nothing else is known', () => {
    expect(ofItem({})).toEqual(email({ side: 'local', rule: 'salesforceEdit', before, after }));
  });

  test.each<[string, Partial<Decided>, FieldChange['rule']]>([
    [
      'that it came with its creation',
      { plan: { kind: 'create-local', values: NEW, nextBase: NEW } },
      'created',
    ],
    ['that the sides had never agreed on it', { link: aLink({ base: {} }) }, 'filledIn'],
    ['so too without a link', { link: undefined }, 'filledIn'],
    [
      'so too where the link is of another record',
      { link: aLink({ base: OLD, sfId: '003000000000002AAA' }) },
      'filledIn',
    ],
    [
      'that Salesforce had made it of our write',
      {
        link: aLink({ base: OLD, adjusted: NEW }),
        remote: aRemoteRecord({ values: NEW }),
      },
      'adjusted',
    ],
    [
      'that somebody edited it there since our write',
      {
        link: aLink({ base: OLD, adjusted: { email: 'made@example.com' } }),
        remote: aRemoteRecord({ values: NEW }),
      },
      'salesforceEdit',
    ],
    [
      'how a conflict was decided',
      { plan: write({ localWrites: NEW, conflicts: [conflict(REASONS.salesforceLater)] }) },
      'salesforceLater',
    ],
    ['that a change was taken back', { plan: write({ localWrites: NEW, undone: ['email'] }) }, 'undone'],
    [
      'not so of a field beside it',
      { plan: write({ localWrites: NEW, undone: ['lastName'] }) },
      'salesforceEdit',
    ],
    ['that its deletion was taken back', { plan: create({ localWrites: NEW, restores: true }) }, 'undone'],
  ])('%s', (_what, change, rule) => {
    expect(ofItem(change)).toMatchObject([{ side: 'local', rule, after }]);
  });

  test('what the item had, where it was there', () => {
    expect(ofItem({})).toHaveProperty('0.before', before);
    expect(ofItem({ local: undefined })).toHaveProperty('0.before', undefined);
    const taken = create({ localWrites: NEW, conflicts: [conflict(REASONS.personsValue)] });
    expect(ofItem({ plan: taken })).toEqual(email({ side: 'local', rule: 'personsValue', before, after }));
  });

  test('nothing of what a new record is made of: the item has it', () => {
    expect(localChanges(decided({ plan: create(), link: undefined }), {})).toEqual([]);
  });
});

describe('of what is announced to Salesforce, the history tells', () => {
  const announced = write({ remoteWrites: NEW });
  const ofRecord = (change: Partial<Decided>, created = false) =>
    remoteChanges(decided({ plan: announced, ...change }), NEW, created);

  test('nothing before it has arrived, whatever the base is meanwhile', () => {
    expect(localChanges(decided({ plan: announced }), NEW)).toEqual([]);
  });

  test('that it is an edit of the item, with what the record had', () => {
    expect(ofRecord({})).toEqual(email({ side: 'salesforce', rule: 'localEdit', before, after }));
    expect(ofRecord({ remote: undefined })).toHaveProperty('0.before', undefined);
  });

  test('that it came with the creation of the record, which had nothing before', () => {
    expect(ofRecord({ plan: create() }, true)).toEqual(
      email({ side: 'salesforce', rule: 'created', before: undefined, after }),
    );
  });

  test('that a change was taken back, and how a conflict was decided', () => {
    expect(ofRecord({ plan: write({ undone: ['email'] }) })).toMatchObject([{ rule: 'undone' }]);
    const plan = write({ conflicts: [conflict(REASONS.localLater)] });
    expect(ofRecord({ plan })).toMatchObject([{ rule: 'localLater' }]);
  });

  test('only of the fields that were written', () => {
    expect(remoteChanges(decided({ mapping: aMapping() }), NEW, false)).toHaveLength(1);
  });
});

describe('of what nobody wrote, the history tells', () => {
  const found = (change: Partial<Decided>, base: FieldValues = NEW) =>
    localChanges(
      decided({ local: aLocalItem({ values: base }), remote: aRemoteRecord({ values: base }), ...change }),
      base,
    );

  test('that both sides had come to the same', () => {
    expect(found({})).toEqual(email({ side: 'neither', rule: 'alike', before, after }));
    expect(found({ link: undefined })).toEqual(
      email({ side: 'neither', rule: 'alike', before: undefined, after }),
    );
  });

  test.each([
    ['item', { local: aLocalItem({ values: OLD }) }],
    ['record', { remote: aRemoteRecord({ values: OLD }) }],
    ['missing item', { local: undefined }],
  ] as const)('that they part where the %s has another value', (_side, other) => {
    expect(found(other)).toEqual(email({ side: 'neither', rule: 'parted', before, after }));
  });

  test.each(['local', 'salesforce'] as const)(
    'that a person refused to have the %s side cleared, and what is left goes back',
    (cleared) => {
      const heldClears = new Set<ClearName>([`${cleared}:email`]);
      const [left, empty] = [{ values: OLD }, { values: { email: null } }];
      const sides =
        cleared === 'local'
          ? { local: aLocalItem(left), remote: aRemoteRecord(empty) }
          : { local: aLocalItem(empty), remote: aRemoteRecord(left) };
      expect(found({ ...sides, heldClears }, { email: null })).toEqual(
        email({ side: 'neither', rule: 'clearRefused', before, after: null }),
      );

      const link = aLink({ base: { email: null } });
      const goBack = (held: typeof heldClears) =>
        cleared === 'local'
          ? remoteChanges(
              decided({ ...sides, link, heldClears: held, plan: write({ remoteWrites: OLD }) }),
              OLD,
              false,
            )
          : localChanges(
              decided({ ...sides, link, heldClears: held, plan: write({ localWrites: OLD }) }),
              OLD,
            );
      const side = cleared === 'local' ? 'salesforce' : 'local';
      expect(goBack(heldClears)).toEqual(email({ side, rule: 'clearRefused', before: null, after: before }));
      expect(goBack(new Set<ClearName>([`${side}:email`]))).toMatchObject([
        { rule: side === 'local' ? 'salesforceEdit' : 'localEdit' },
      ]);
    },
  );

  test('how a conflict was decided that one side had carried out itself', () => {
    const plan = write({ conflicts: [conflict(REASONS.personsSide)] });
    expect(found({ plan })).toMatchObject([{ side: 'neither', rule: 'personsSide' }]);
  });

  test('that a write of ours had arrived', () => {
    const link = aLink({ base: OLD, pending: NEW });
    expect(found({ link })).toEqual(email({ side: 'salesforce', rule: 'arrived', before, after }));
    const other = aLink({ base: OLD, pending: { email: 'else@example.com' } });
    expect(found({ link: other })).toMatchObject([{ side: 'neither', rule: 'alike' }]);
  });

  test.each<[string, Partial<Decided>, FieldValues]>([
    ['stays as it was', {}, OLD],
    ['leaves the base', {}, {}],
    ['is empty on both sides from the first', { link: undefined }, { email: null }],
    ['was never agreed on', { link: undefined }, {}],
  ])('nothing of a field that %s', (_what, change, base) => {
    expect(found(change, base)).toEqual([]);
  });

  test('that a field was emptied on both sides', () => {
    expect(found({}, { email: null })).toMatchObject([{ rule: 'alike', before, after: null }]);
  });

  test('nothing of a value that is only written otherwise', () => {
    const options = aMapping({ fields: [aField({ localField: 'email', type: 'options' })] });
    const link = aLink({ base: { email: 'a;b' } });
    expect(found({ mapping: options, link }, { email: 'b;a' })).toEqual([]);
  });
});

test('of what is deleted, the history tells all that the side had', () => {
  const sides = decided({
    mapping: aMapping(),
    local: aLocalItem({ values: { email: null } }),
    remote: aRemoteRecord({ values: { lastName: 'Ray' } }),
  });
  const gone = (side: 'local' | 'salesforce', field: string, had: string) => ({
    field,
    side,
    rule: 'deleted',
    before: had,
    after: null,
  });
  expect(deletedValues(sides, 'local')).toEqual([
    gone('local', 'firstName', 'Ann'),
    gone('local', 'lastName', 'Lee'),
  ]);
  expect(deletedValues(sides, 'salesforce')).toEqual([
    gone('salesforce', 'firstName', 'Ann'),
    gone('salesforce', 'lastName', 'Ray'),
    gone('salesforce', 'email', 'ann@example.com'),
  ]);
  expect(deletedValues({ ...sides, local: undefined }, 'local')).toEqual([]);
});
