import { describe, expect, test } from '@jest/globals';
import type { FieldMapping } from '../../../../../shared/sync/model/mapping.ts';
import type { Plan } from '../../../../../shared/sync/reconcile/plan.ts';
import type { Planned } from '../../../../../shared/use-cases/reconciliation/records/applied.ts';
import { withoutUnknownNames } from '../../../../../shared/use-cases/reconciliation/records/unknown-names.ts';
import { aSubject, aWrite } from '../../../../builders/a-subject.ts';
import { aField, aMapping } from '../../../../builders/sync.ts';

const sent = (plan: Plan, change: Partial<FieldMapping> = {}) => {
  const names = { Web: 'from the web' };
  const fields = [aField({ localField: 'source', names, ...change }), aField({ localField: 'email' })];
  const planned = { plan, subject: aSubject() } as Planned;
  const { planned: left, waiting } = withoutUnknownNames(aMapping({ fields }), planned);
  return { left, waiting, planned };
};
const creation = (source: string): Plan => ({
  kind: 'create-remote',
  values: { source, email: 'a@x.org' },
  nextBase: { source, email: 'a@x.org' },
  baseBeforeRemote: { email: null },
});

describe('a name that Salesforce does not have', () => {
  test('is left out of a record that is made, which has nothing there yet', () => {
    const { left, waiting } = sent(creation('by post'));

    expect(left.plan).toEqual({
      kind: 'create-remote',
      values: { email: 'a@x.org' },
      nextBase: { source: null, email: 'a@x.org' },
      baseBeforeRemote: { source: null, email: null },
    });
    expect(waiting).toMatchObject([
      { kind: 'local', reason: 'UNKNOWN_NAME', rejection: { fields: ['source'] } },
    ]);
  });

  test.each<[string, Partial<FieldMapping>]>([
    ['a record needs', { isNeeded: true }],
    ['goes with the creation alone', { sentAt: 'create' }],
  ])('makes no record where it is of a field that %s', (_what, change) => {
    const { left, waiting } = sent(creation('by post'), change);

    expect(left.plan).toEqual({ kind: 'in-step' });
    expect(waiting).toMatchObject([{ reason: 'UNKNOWN_NAME' }]);
    expect(sent(creation('from the web'), change).waiting).toEqual([]);
  });

  test('is left out of what a pair writes, and the field stays as it was agreed', () => {
    const { left } = sent(
      aWrite({
        remoteWrites: { source: 'by post', email: 'new' },
        nextBase: { source: 'by post', email: 'new' },
        baseBeforeRemote: { source: 'from the web', email: 'old' },
      }),
    );

    expect(left.plan).toMatchObject({
      kind: 'write',
      remoteWrites: { email: 'new' },
      nextBase: { source: 'from the web', email: 'new' },
    });
    expect(left.plan).not.toHaveProperty('remoteWrites.source');
  });
});

test('a plan whose names Salesforce has goes as it is', () => {
  for (const plan of [creation('from the web'), aWrite({ localWrites: { source: 'by post' } })]) {
    const { left, waiting, planned } = sent(plan);
    expect(left).toBe(planned);
    expect(waiting).toEqual([]);
  }
});
