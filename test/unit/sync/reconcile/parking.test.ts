import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  latestChange,
  type ParkedKey,
  type Parking,
  parkOnTop,
} from '../../../../shared/sync/reconcile/parking.ts';

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const times = fc.integer({ min: 0, max: 9 }).map(at);

const aParking = (change: Partial<Parking> = {}): Parking => ({
  mappingId: 'conn1.contact',
  kind: 'local',
  key: 'contact-1',
  side: 'local',
  reason: 'LEASE_HELD',
  ...change,
});

/** The key after all of these, parked a minute apart. */
const parkAll = (parkings: readonly Parking[]): ParkedKey | undefined =>
  parkings.reduce<ParkedKey | undefined>((before, parking, minute) => {
    return parkOnTop(before, parking, at(minute * 60));
  }, undefined);

const reasons = fc.constantFrom('LEASE_HELD', 'INVALID_ATTRIBUTE', 'CONTENDED');
const optional = <Name extends string, T>(name: Name, value: fc.Arbitrary<T>) =>
  fc.oneof(
    fc.constant({}),
    value.map((some) => ({ [name]: some }) as Record<Name, T>),
  );

/** What a stream tells, each time with the time of the change; or a look, which may know nothing of it. */
const localChanges = fc.oneof(
  fc.record({ changedAt: times }),
  fc.record({ changedAt: times, isDeleted: fc.constant(true as const) }),
  fc.constant({}),
);
const locals = fc.tuple(reasons, localChanges).map(([reason, change]) => aParking({ reason, ...change }));
const remotes = reasons.map((reason) => aParking({ side: 'remote', reason }));
const looks = fc.tuple(optional('waitUntil', times), optional('seen', fc.integer({ min: 1, max: 6 })));
const parkings = fc
  .tuple(fc.oneof(locals, remotes), looks)
  .map(([parking, [wait, seen]]): Parking => ({ ...parking, ...wait, ...seen }));
const sequences = fc.array(parkings, { minLength: 1, maxLength: 8 });

describe('however often a key is parked', () => {
  test('neither side is forgotten, nor since when it waits, and the last reason is told', () => {
    fc.assert(
      fc.property(sequences, (sequence) => {
        const parked = parkAll(sequence);

        for (const side of ['local', 'remote'] as const) {
          const first = sequence.findIndex((one) => one.side === side);
          const expected = {
            since: at(first * 60),
            reason: sequence.findLast((one) => one.side === side)?.reason,
          };
          if (first === -1) expect(parked).not.toHaveProperty(side);
          else expect(parked?.[side]).toMatchObject(expected);
        }
      }),
    );
  });

  test('the newest time of a local change is kept', () => {
    fc.assert(
      fc.property(sequences, (sequence) => {
        const told = sequence.flatMap(({ side, changedAt = '' }) => (side === 'local' ? [changedAt] : []));

        expect(parkAll(sequence)?.local?.changedAt ?? '').toBe(told.sort().at(-1) ?? '');
      }),
    );
  });

  test('a deletion is kept unless the item was written later, in whatever order the two are told', () => {
    fc.assert(
      fc.property(sequences, (sequence) => {
        const told = sequence.filter(({ side, changedAt }) => side === 'local' && changedAt !== undefined);
        const newest = (some: readonly Parking[]) =>
          some
            .map(({ changedAt = '' }) => changedAt)
            .sort()
            .at(-1) ?? '';
        const deletedAt = newest(told.filter(({ isDeleted }) => isDeleted));
        const writtenAt = newest(told.filter(({ isDeleted }) => !isDeleted));
        const isDeleted = deletedAt !== '' && deletedAt >= writtenAt;

        expect(parkAll(sequence)?.local?.isDeleted).toBe(isDeleted ? true : undefined);
      }),
    );
  });

  test('each parking counts the version up, and none counts a round', () => {
    fc.assert(
      fc.property(sequences, (sequence) => {
        expect(parkAll(sequence)).toMatchObject({ version: sequence.length, rounds: 0 });
      }),
    );
  });

  test('the key keeps its name, and has nothing of what only the parking says', () => {
    fc.assert(
      fc.property(sequences, (sequence) => {
        const { local: _l, remote: _r, waitUntil: _w, ...rest } = parkAll(sequence) ?? {};

        expect(Object.keys(rest).sort()).toEqual(['key', 'kind', 'mappingId', 'rounds', 'version']);
        expect(rest).toMatchObject({ mappingId: 'conn1.contact', kind: 'local', key: 'contact-1' });
      }),
    );
  });
});

test('the rounds that a key was sent are kept', () => {
  const before = parkOnTop(undefined, aParking(), at(0));

  expect(parkOnTop({ ...before, rounds: 7 }, aParking(), at(1)).rounds).toBe(7);
});

describe('the next time to look is', () => {
  const EARLY = at(10);
  const LATE = at(50);
  const nextTime = (before: string | undefined, parking: Partial<Parking>): string | undefined => {
    const first = parkOnTop(
      undefined,
      aParking({ ...(before !== undefined && { waitUntil: before }) }),
      at(0),
    );
    return parkOnTop(first, aParking(parking), at(1)).waitUntil;
  };

  test.each([
    ['the earlier of two, if the later parking knew nothing of the first', LATE, { waitUntil: EARLY }, EARLY],
    ['the same, told the other way round', EARLY, { waitUntil: LATE }, EARLY],
    ['the one there is, if the second says nothing of time', LATE, {}, LATE],
    ['the one there is, if the first says nothing of time', undefined, { waitUntil: LATE }, LATE],
    ['what a look says that had read the key', EARLY, { seen: 1, waitUntil: LATE }, LATE],
    ['no sooner than before, since waits grow', LATE, { seen: 1, waitUntil: EARLY }, LATE],
    ['none, if such a look says that only a change can help', LATE, { seen: 1 }, undefined],
    ['the earlier, if the look had read an older version', EARLY, { seen: 0, waitUntil: LATE }, EARLY],
    ['kept, if such a look says that only a change can help', LATE, { seen: 0 }, LATE],
    [
      'compared as a moment, not as text',
      '2026-01-01T00:00:30Z',
      { waitUntil: '2026-01-01T01:00:20+01:00' },
      '2026-01-01T01:00:20+01:00',
    ],
  ] as const)('%s', (_what, before, parking, expected) => {
    expect(nextTime(before, parking)).toBe(expected);
  });
});

describe('the reason of a side', () => {
  test('has its own time once it is another than before, until it changes again', () => {
    const first = parkOnTop(undefined, aParking({ reason: 'CONTENDED' }), at(0));
    const second = parkOnTop(first, aParking({ reason: 'LEASE_HELD' }), at(1));
    const third = parkOnTop(second, aParking({ reason: 'LEASE_HELD' }), at(2));

    expect(first.local).toEqual({ since: at(0), reason: 'CONTENDED' });
    expect(second.local).toEqual({ since: at(0), reason: 'LEASE_HELD', reasonSince: at(1) });
    expect(third.local).toEqual(second.local);
    expect(parkOnTop(third, aParking({ reason: 'CONTENDED' }), at(3)).local?.reasonSince).toBe(at(3));
  });

  test('leaves alone since when a cleared field is held, of which a look that held none says nothing', () => {
    const first = parkOnTop(undefined, aParking({ clears: ['local:title'] }), at(0));
    const more = parkOnTop(first, aParking({ clears: ['local:title', 'local:email'] }), at(1));
    const other = parkOnTop(more, aParking({ reason: 'CONTENDED' }), at(2));
    expect(other.cleared).toEqual({ 'local:title': at(0), 'local:email': at(1) });
    const fewer = parkOnTop(other, aParking({ clears: ['local:email'] }), at(3));
    expect(fewer.cleared).toEqual({ 'local:email': at(1) });
  });

  test('says nothing of the other side', () => {
    const local = parkOnTop(undefined, aParking({ reason: 'CONTENDED' }), at(0));
    const both = parkOnTop(local, aParking({ side: 'remote', reason: 'LEASE_HELD' }), at(1));

    expect(both).toMatchObject({ local: { since: at(0), reason: 'CONTENDED' } });
    expect(both.remote).toEqual({ since: at(1), reason: 'LEASE_HELD' });
  });
});

test('a deletion that nobody knows the time of is kept beside an edit of known time', () => {
  expect(latestChange({ isDeleted: true }, { changedAt: at(5) })).toEqual({
    changedAt: at(5),
    isDeleted: true,
  });
  expect(latestChange({ isDeleted: true }, undefined)).toEqual({ isDeleted: true });
  expect(latestChange(undefined, undefined)).toEqual({});
});

test('that an item was made again is kept beside a later edit, and the last time counts', () => {
  const first = { at: at(3), without: ['email', 'title'] };
  const made = { changedAt: at(3), made: first };
  expect(latestChange(made, { changedAt: at(5) })).toEqual({ changedAt: at(5), made: first });
  const again = { changedAt: at(5), made: { at: at(5), without: ['phone'] } };
  expect(latestChange(again, made)).toEqual(again);
  expect(latestChange(made, again)).toEqual(again);
  const parked = parkOnTop(undefined, aParking(made), at(6));
  expect(parkOnTop(parked, aParking({ changedAt: at(7) }), at(8)).local?.made).toEqual(first);
});

test('of one making that is told twice, what the item got meanwhile is not lacking', () => {
  const made = { at: at(3), without: ['email', 'title'] };
  const later = { at: at(3), without: ['title'] };
  expect(latestChange({ made }, { made: later }).made).toEqual(later);
  expect(latestChange({ made: later }, { made }).made).toEqual(later);
});

test('an image is that of the later change, and none where nobody knows which of two was the later', () => {
  const [early, late] = ['2026-01-01T00:00:01.000Z', '2026-01-01T00:00:02.000Z'];
  const [a, b] = [
    { changedAt: early, image: 'a' },
    { changedAt: late, image: 'b' },
  ];

  for (const told of [latestChange(a, b), latestChange(b, a)]) expect(told).toEqual(b);
  for (const told of [latestChange(a, {}), latestChange(undefined, a)]) expect(told).toEqual(a);
  expect(latestChange(a, { changedAt: late })).toEqual({ changedAt: late });
  expect(latestChange(a, { ...a })).toEqual(a);
  expect(latestChange(a, { ...a, image: 'b' })).toEqual({ changedAt: early });
  const gone = { changedAt: early, isDeleted: true } as const;
  for (const told of [latestChange(a, gone), latestChange(gone, a)]) expect(told).toEqual({ ...a, ...gone });
});
