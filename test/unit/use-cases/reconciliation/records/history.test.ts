import { describe, expect, test } from '@jest/globals';
import type { HeldField } from '../../../../../shared/sync/model/link.ts';
import type { Plan } from '../../../../../shared/sync/reconcile/plan.ts';
import type { Planned } from '../../../../../shared/use-cases/reconciliation/records/applied.ts';
import {
  tellDeleted,
  tellLocal,
  tellMarked,
  tellPairDeleted,
  tellWritten,
} from '../../../../../shared/use-cases/reconciliation/records/history.ts';
import type { Subject } from '../../../../../shared/use-cases/reconciliation/records/subject.ts';
import type { BulkRun, Pass } from '../../../../../shared/use-cases/reconciliation/records/work.ts';
import { aSubject, aWrite } from '../../../../builders/a-subject.ts';
import { ANN, aLink, aMapping, aRemoteRecord, LOCAL_KEY } from '../../../../builders/sync.ts';
import { manualClock } from '../../../../in-memory/clock.ts';

const NOW = '2026-01-01T00:00:00.000Z';
const passOf = (bulkRun?: BulkRun) =>
  ({
    ports: { clock: manualClock(NOW) },
    open: { mapping: aMapping() },
    owner: 'w',
    bulkRun,
  }) as unknown as Pass;

const planned = (plan: Plan, change: Partial<Subject> = {}): Planned => {
  const subject = aSubject(change);
  const { localKey, link, remote } = subject;
  const pair = {
    mapping: aMapping(),
    localKey,
    link,
    remote: typeof remote === 'string' ? undefined : remote,
  };
  return { subject, plan, pair, localChangedAtSfClock: undefined };
};
const edit = aWrite({ localWrites: { email: 'new@example.com' } });
const linked = aLink({ base: { ...ANN, email: 'new@example.com' } });

const eventOf = (plan: Plan, change: Partial<Subject> = {}, link = linked) =>
  tellLocal(passOf(), planned(plan, change), link).history?.event;

describe('what a commit leaves in the history of its record', () => {
  test('is when it was, why, what happened, and each field that changed', () => {
    const causes = [{ by: 'message' as const }];

    expect(tellLocal(passOf(), planned(edit, { asked: { key: LOCAL_KEY, causes } }), linked)).toStrictEqual({
      link: linked,
      history: {
        at: NOW,
        causes,
        event: 'edit',
        changes: [
          {
            field: 'email',
            side: 'local',
            rule: 'salesforceEdit',
            before: ANN.email,
            after: 'new@example.com',
          },
        ],
      },
    });
    expect(tellLocal(passOf(), planned(edit), linked).history?.causes).toEqual([]);
  });

  test('is no line where no field changed and none begins to be held, and one with the fields that do', () => {
    const held: HeldField = { field: 'email', local: 'a', remote: 'b', since: NOW, version: 1 };

    expect(tellLocal(passOf(), planned(aWrite()), aLink())).toStrictEqual({ link: aLink() });
    expect(tellLocal(passOf(), planned(aWrite({ held: [held] })), aLink()).history).toStrictEqual({
      at: NOW,
      causes: [],
      event: 'edit',
      changes: [],
      held: ['email'],
    });
    expect(
      tellLocal(passOf(), planned(aWrite({ held: [held] }), { link: aLink({ held: [held] }) }), aLink()),
    ).not.toHaveProperty('history');
  });

  test('is told by the run of a bulk job, which the link names', () => {
    const run = { by: 'load', runId: 'run-1' } as const;

    expect(tellLocal(passOf(run), planned(edit), linked)).toStrictEqual({
      link: { ...linked, run: { ...run, at: NOW } },
    });
    expect(tellLocal(passOf(run), planned(aWrite()), aLink())).toStrictEqual({ link: aLink() });
  });

  test.each<[Plan, string]>([
    [{ kind: 'delete-local', conflicts: [] }, 'item-deleted'],
    [{ kind: 'mark-local', conflicts: [] } as Plan, 'item-marked'],
    [{ kind: 'both-deleted' }, 'both-gone'],
    [{ kind: 'local-deleted' }, 'item-gone'],
    [{ kind: 'remote-deleted' }, 'record-gone'],
  ])('names what became of the pair: %j', (plan, event) => {
    expect(eventOf(plan)).toBe(event);
  });

  test('tells what is made from what is made again', () => {
    const item: Plan = { kind: 'create-local', values: ANN, nextBase: ANN };
    const record: Plan = { kind: 'create-remote', values: ANN, nextBase: ANN, baseBeforeRemote: {} };
    const announced = aLink({ state: 'creating' });

    expect(eventOf(item, { link: undefined })).toBe('item-created');
    expect(eventOf(item, { link: aLink({ state: 'both-deleted' }) })).toBe('item-restored');
    expect(eventOf({ ...record, localWrites: ANN, restores: true })).toBe('pair-restored');
    const madeOf = (link: Subject['link']) =>
      tellWritten(passOf(), planned(record, { link }), linked, ANN, { created: true }).history?.event;
    expect([undefined, announced].map(madeOf)).toEqual(['record-created', 'record-created']);
    expect(madeOf(aLink({ state: 'both-deleted' }))).toBe('record-restored');
  });

  test('has the values that went with an item, and none of one that stays', () => {
    const changesOf = (plan: Plan) => tellLocal(passOf(), planned(plan), aLink()).history?.changes;

    expect(changesOf({ kind: 'delete-local', conflicts: [] })).toMatchObject(
      Object.entries(ANN).map(([field, before]) => ({ field, side: 'local', rule: 'deleted', before })),
    );
    expect(changesOf({ kind: 'remote-deleted' })).toEqual([]);
    expect(changesOf({ kind: 'both-deleted' })).toEqual([]);
  });

  test('says how a pair came to be', () => {
    const plan: Plan = { kind: 'in-step', nextBase: ANN };
    const fresh = { link: undefined } as const;

    expect(eventOf(plan, fresh)).toBe('linked');
    expect(eventOf(plan, { ...fresh, isMatched: true })).toBe('matched');
    expect(eventOf(plan, { isMerged: true })).toBe('merged');
    expect(eventOf(plan, { link: aLink({ state: 'creating' }) })).toBe('record-created');
    expect(eventOf(edit, {})).toBe('edit');
  });
});

describe('what Salesforce took leaves a line', () => {
  const written = { email: 'new@example.com' };
  const creation: Plan = { kind: 'create-remote', values: written, nextBase: written, baseBeforeRemote: {} };
  const told = (
    plan: Plan,
    outcome: Parameters<typeof tellWritten>[4],
    values: typeof written | undefined = written,
  ) => tellWritten(passOf(), planned(plan), linked, values, outcome).history;

  test('of an edit, with the fields that it wrote and what Salesforce’s support asks for', () => {
    const plan = aWrite({ remoteWrites: written });

    expect(told(plan, { created: false, requestId: 'req-1' })).toStrictEqual({
      at: NOW,
      causes: [],
      event: 'edit',
      changes: [
        {
          field: 'email',
          side: 'salesforce',
          rule: 'localEdit',
          before: ANN.email,
          after: 'new@example.com',
        },
      ],
      requestId: 'req-1',
    });
    expect(told(plan, { created: false })).not.toHaveProperty('requestId');
    expect(tellWritten(passOf(), planned(plan), linked, undefined, { created: false })).toEqual({
      link: linked,
    });
  });

  test('of a record that was made, or that was there already', () => {
    expect(told(creation, { created: true })).toMatchObject({
      event: 'record-restored',
      changes: [{ rule: 'created', after: 'new@example.com' }],
    });
    expect(told(creation, { created: false })?.event).toBe('linked');
    expect(told(aWrite({ remoteWrites: written }), { created: true })?.event).toBe('edit');
  });

  test('of a deletion, with all that the record had, and of a mark', () => {
    const traced = { requestId: 'req-1' };
    const plan: Plan = { kind: 'delete-remote', conflicts: [] };
    const remote = aRemoteRecord({ values: { email: null } });

    expect(tellDeleted(passOf(), planned(plan, { remote }), linked, traced).history).toMatchObject({
      event: 'record-deleted',
      requestId: 'req-1',
      changes: [
        { field: 'firstName', side: 'salesforce', before: 'Ann' },
        { field: 'lastName', side: 'salesforce', before: 'Lee' },
      ],
    });
    expect(tellDeleted(passOf(), planned(plan, { remote: 'unseen' }), linked, {}).history).toStrictEqual({
      at: NOW,
      causes: [],
      event: 'record-deleted',
      changes: [],
    });
    const pair: Plan = { kind: 'delete-pair', conflicts: [] };
    expect(tellPairDeleted(passOf(), planned(pair), linked, traced).history).toMatchObject({
      event: 'pair-deleted',
      requestId: 'req-1',
      changes: [
        { field: 'firstName', side: 'local', before: 'Ann' },
        { field: 'lastName', side: 'local', before: 'Lee' },
        { field: 'email', side: 'local', before: 'ann@example.com' },
      ],
    });
    expect(tellMarked(passOf(), planned(plan), linked, traced).history).toMatchObject({
      event: 'record-marked',
      requestId: 'req-1',
      changes: [],
    });
  });
});
