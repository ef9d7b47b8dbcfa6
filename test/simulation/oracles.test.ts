import { describe, expect, test } from '@jest/globals';
import { must } from '../../shared/sync/assert.ts';
import { REASONS } from '../../shared/sync/reconcile/plan.ts';
import type { Conflict } from '../../shared/use-cases/ports/journal.ts';
import { manualClock } from '../in-memory/clock.ts';
import { InMemoryOrg } from '../in-memory/salesforce-org/in-memory-org.ts';
import { untrueConflicts } from './oracles/edits.ts';
import { wiped } from './oracles/rest.ts';
import { Ledger } from './people/ledger.ts';

const AT_MS = Date.parse('2026-01-01T01:00:27.671Z');
const about = { tenant: 'acme', field: 'lastName', isMapped: true, hint: 1 } as const;

const org = () => new InMemoryOrg(manualClock(), { pageRows: 1 });

const CONFLICT: Conflict = {
  ...{ mappingId: 'c1.contact', localKey: 'ann', sfId: '003A', field: 'lastName' },
  ...{ base: 'acme:R0', local: 'acme:L10', remote: 'acme:S12' },
  ...{ policy: 'last-write-wins', winner: 'salesforce', reason: REASONS.localTimeUnknown },
  ...{ at: '2026-01-01T01:00:57.000Z', linkVersion: 5 },
};

const SHAPE = { change: 'none' } as const;

describe('a conflict of which the journal says that Salesforce was later', () => {
  /** Ann's record was edited, then her item, a minute later. */
  function aWorld() {
    const ledger = new Ledger();
    const recorded = { conflict: { ...CONFLICT, reason: REASONS.salesforceLater }, lookedAtMs: AT_MS };
    ledger.add({ ...about, value: 'acme:S12', place: 'c1', record: '003A', atMs: AT_MS - 60_000 });
    ledger.add({ ...about, value: 'acme:L10', place: 'local', record: 'ann', atMs: AT_MS });
    return {
      ...{ ledger, org, shape: SHAPE, parkedTimes: new Map<string, number>(), itemWrites: [] },
      recorded: [{ ...recorded, atMs: AT_MS + 1_000 }],
    };
  }

  test('is untrue where the item was', () => {
    expect(must(untrueConflicts(aWorld())[0], 'a violation').text).toContain('the journal says before');
  });

  test('is untrue where the item was changed before as well, and that was told alone', () => {
    const world = aWorld();
    world.ledger.add({ ...about, value: 'acme:L9', place: 'local', record: 'ann', atMs: AT_MS - 90_000 });
    expect(untrueConflicts(world)).toHaveLength(1);
  });

  test('is true where a person cleared another field of the record then, which moves its time', () => {
    const world = aWorld();
    world.ledger.touch('c1', '003A', 'Email', AT_MS + 500);
    expect(untrueConflicts(world)).toEqual([]);
  });
});

describe('a conflict over a value that came from the org itself', () => {
  const judged = (field: string) => {
    const ledger = new Ledger();
    const edited = { ...about, place: 'c1', record: '003A' } as const;
    ledger.add({ ...edited, field, value: 'acme:L10', atMs: AT_MS - 60_000 });
    ledger.add({ ...edited, field: 'Title', value: 'acme:S12', atMs: AT_MS });
    const recorded = [{ conflict: CONFLICT, atMs: AT_MS, lookedAtMs: AT_MS }];
    return untrueConflicts({
      ...{ ledger, recorded, org, shape: { change: 'repoints-field' } },
      ...{ parkedTimes: new Map(), itemWrites: [] },
    });
  };

  test('is untrue where it was of the same field', () => {
    expect(judged('Title')).toHaveLength(1);
  });

  test("is true where the attribute was another field's before", () => {
    expect(judged('Email')).toEqual([]);
  });
});

describe('a conflict of which the journal says that nobody told when the item changed', () => {
  /** Ann's item was edited, then her record; the conflict was recorded half a minute later. */
  function aWorld({ toldMs = 300, lookedMs = 30_000 } = {}) {
    const ledger = new Ledger();
    const world = {
      ...{ ledger, org, shape: SHAPE },
      recorded: [{ conflict: CONFLICT, atMs: AT_MS + 30_300, lookedAtMs: AT_MS + lookedMs }],
      parkedTimes: new Map([['c1.contact ann 2026-01-01T01:00:27.000Z', AT_MS + toldMs]]),
      itemWrites: [],
    };
    const edit = (value: string, atMs: number, record = 'ann') =>
      ledger.add({ ...about, value, place: 'local', record, atMs });
    const judged = () => {
      edit('acme:L10', AT_MS);
      ledger.add({ ...about, value: 'acme:S12', place: 'c1', record: '003A', atMs: AT_MS + 100 });
      return untrueConflicts(world).map(({ text }) => text);
    };
    return { ledger, edit, judged };
  }

  test('is untrue where it was told before the look', () => {
    expect(aWorld().judged()).toEqual([expect.stringContaining('had been told')]);
  });

  test('is true where it was told while the look was under way', () => {
    expect(aWorld({ toldMs: 30_001 }).judged()).toEqual([]);
  });

  test('is true where the item had changed before within the same second, whose time was told as well', () => {
    const traced = aWorld();
    traced.edit('acme:L9', AT_MS - 400);
    expect(traced.judged()).toEqual([]);

    const untraced = aWorld();
    untraced.ledger.untraced.push({ place: 'local', record: 'ann', atMs: AT_MS - 400 });
    expect(untraced.judged()).toEqual([]);
  });

  test('is untrue where what changed in that second was another item, or it changed in another second', () => {
    const { edit, judged } = aWorld();
    edit('acme:L8', AT_MS - 400, 'bob');
    edit('acme:L9', AT_MS - 700);
    expect(judged()).toHaveLength(1);
  });
});

describe('a field that is empty', () => {
  function aWorld() {
    const ledger = new Ledger();
    ledger.add({ ...about, value: 'acme:L4', place: 'local', record: 'ann', atMs: AT_MS });
    return { ledger, org, item: () => ({ tenantId: 'acme' }) };
  }

  test('is wiped where a person had filled it', () => {
    expect(must(wiped(aWorld())[0], 'a violation').text).toContain('had acme:L4 and is empty');
  });

  test('is not where a person merged the record into one that has nothing there, and chose that', () => {
    const world = aWorld();
    world.ledger.leftBehind.add('acme:L4');
    expect(wiped(world)).toEqual([]);
  });
});
