import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { UnreadableItem } from '../../../../shared/aws/errors.ts';
import { killAt } from './kill-at.ts';
import { aWorld, drive, MAPPING_ID, retried, twice, type World } from './world.ts';

const keyOf = (index: number): string => `item-${String(index).padStart(5, '0')}`;

const fill = (world: World, count: number): void => {
  for (let index = 0; index < count; index += 1) {
    world.tables.put('contacts', keyOf(index), { id: keyOf(index), lastName: `Lee, ${index}` });
  }
  world.tables.writes = 0;
};

const EMAIL_MISSING = { code: 'REQUIRED_FIELD_MISSING', message: 'Required: [Email]', fields: ['Email'] };
const LOCKED = { code: 'UNABLE_TO_LOCK_ROW', message: 'unable to obtain exclusive access' };

const keysInSalesforce = (world: World) => world.org.alive().map(({ fields }) => fields.External_Id__c);
const links = (world: World) => [...world.syncStore.storedLinks.values()];
const linked = (world: World) => links(world).filter((link) => link.state === 'linked');
const hinted = (world: World): string[] =>
  world.hints.sent.flatMap((hint) => (hint.kind === 'local-keys' ? hint.keys.map(({ key }) => key) : []));

/** As a worker parks it that meets the job's lease. */
const aHeldKey = (key: string) => ({
  mappingId: MAPPING_ID,
  kind: 'local' as const,
  key,
  reason: 'LEASE_HELD',
  waitUntil: '2026-01-01T00:15:00.000Z',
});

/** The push and those that it starts. */
async function driveAll(world: World, attempt = world.step): Promise<void> {
  const outcomes = [(await drive(world, 'push', 'push1', attempt)).state.outcome];
  for (const { bulkJobId } of world.executions.started) {
    outcomes.push((await drive(world, 'push', bulkJobId, attempt)).state.outcome);
  }
  expect(outcomes.every((outcome) => outcome === 'done' || outcome === 'nothing')).toBe(true);
}

describe('a push', () => {
  test('creates what exists only locally, and leaves links that need no further look', async () => {
    const world = await aWorld();
    fill(world, 450);

    const { state, steps } = await drive(world, 'push', 'push1');

    expect(state).toMatchObject({ outcome: 'done', records: 450, failed: 0 });
    expect(steps.filter((step) => step === 'upload-push')).toHaveLength(1);
    expect(world.org.records.size).toBe(450);
    expect(linked(world)).toHaveLength(450);
    expect(links(world).some((link) => link.lease || link.pending)).toBe(false);
    const record = world.org.withKey(keyOf(7));
    expect(record?.fields).toMatchObject({ LastName: 'Lee, 7', Email: null });
    expect(world.tables.get('contacts', keyOf(7))).toMatchObject({ salesforceId: record?.Id });
    expect(hinted(world)).toEqual([]);
    expect(world.bulkJobs.jobs.get('push1')?.state).toBe('done');
    expect(await world.journal.runs(MAPPING_ID, 10)).toMatchObject([
      { runId: 'push1', cause: 'bulk-push', counts: { createdInSalesforce: 450 } },
    ]);
  });

  test('comes to the same when every step runs twice', async () => {
    const world = await aWorld();
    fill(world, 450);

    const { state } = await drive(world, 'push', 'push1', twice(world));

    expect(state).toMatchObject({ outcome: 'done', records: 450 });
    expect([world.org.records.size, linked(world).length, world.org.jobs.size]).toEqual([450, 450, 1]);
    expect(world.tables.writes).toBe(450);
  });

  test('leaves too few records to the hint queue', async () => {
    const world = await aWorld();
    fill(world, 9);

    const { state } = await drive(world, 'push', 'push1');

    expect(state.outcome).toBe('nothing');
    expect(hinted(world)).toHaveLength(9);
    expect(world.org.jobs.size).toBe(0);
    expect(links(world)).toEqual([]);
  });

  test('leaves a key whose link cannot be read to the hint queue, and sends the others', async () => {
    const world = await aWorld();
    fill(world, 20);
    const read = world.syncStore.links.bind(world.syncStore);
    world.syncStore.links = async (mappingId, keys) => {
      if (keys.includes(keyOf(3))) throw new UnreadableItem('links', 'base');
      return read(mappingId, keys);
    };

    const { state } = await drive(world, 'push', 'push1');

    expect(state).toMatchObject({ outcome: 'done', records: 19 });
    expect(hinted(world)).toEqual([keyOf(3)]);
    expect(linked(world)).toHaveLength(19);
  });

  test('rejects keys that Salesforce cannot hold, and sends the others', async () => {
    const world = await aWorld();
    fill(world, 20);
    // The last is the longest that a table takes.
    const unstorable = ['k'.repeat(256), 'ann ', 'k'.repeat(2_048)];
    for (const id of unstorable) world.tables.put('contacts', id, { id, lastName: 'Lee' });

    const { state } = await drive(world, 'push', 'push1');

    expect(state).toMatchObject({ outcome: 'done', records: 20, failed: 0 });
    expect(linked(world)).toHaveLength(20);
    expect(hinted(world)).toEqual([]);
    const rejections = await world.journal.rejections(MAPPING_ID, 10);
    expect(rejections.map(({ key, code }) => [key, code]).sort()).toEqual([
      ['ann ', 'KEY_NOT_STORABLE'],
      ['k'.repeat(256), 'KEY_TOO_LONG'],
      ['k'.repeat(2_048), 'KEY_TOO_LONG'],
    ]);
  });

  test('links a record whose item takes no Salesforce id, and has the worker say why', async () => {
    const world = await aWorld();
    fill(world, 12);
    const { commit } = world.syncStore;
    world.syncStore.commit = async (commits) => {
      const outcomes = await commit.call(
        world.syncStore,
        commits.filter(({ item, link }) => !item || link.localKey !== keyOf(1)),
      );
      const rest = outcomes.values();
      return commits.map(({ item, link }) =>
        item && link.localKey === keyOf(1) ? 'refused' : (rest.next().value ?? 'lost-race'),
      );
    };

    await drive(world, 'push', 'push1');

    expect(linked(world)).toHaveLength(12);
    expect(links(world).some((link) => link.lease || link.pending)).toBe(false);
    expect(hinted(world)).toEqual([keyOf(1)]);
  });

  test('links what Salesforce has already, and looks at what differs', async () => {
    const world = await aWorld();
    fill(world, 30);
    const known = world.org.insert({
      External_Id__c: keyOf(3),
      LastName: 'Lee, 3',
      Email: 'three@example.com',
    });
    await drive(world, 'push', 'first');
    world.tables.put('contacts', keyOf(5), {
      ...world.tables.get('contacts', keyOf(5)),
      lastName: 'Changed',
    });

    const { state } = await drive(world, 'push', 'second');

    expect(keysInSalesforce(world).filter((key) => key === keyOf(3))).toHaveLength(1);
    expect(world.tables.get('contacts', keyOf(3))).toMatchObject({
      salesforceId: known,
      email: 'three@example.com',
    });
    expect(world.org.withKey(keyOf(5))?.fields.LastName).toBe('Lee, 5');
    expect(hinted(world)).toEqual([keyOf(5)]);
    expect(state.outcome).toBe('nothing');
  });

  test('keeps refused records with the reason, lets go of them, and tries those again that only met a lock', async () => {
    const world = await aWorld();
    fill(world, 20);
    world.org.refuse = ({ External_Id__c }) => {
      if (External_Id__c === keyOf(1)) return EMAIL_MISSING;
      return External_Id__c === keyOf(2) ? LOCKED : undefined;
    };

    const { state } = await drive(world, 'push', 'push1');

    expect(state).toMatchObject({ outcome: 'done', failed: 2 });
    expect(linked(world)).toHaveLength(18);
    expect(await world.journal.rejections(MAPPING_ID, 10)).toMatchObject([
      {
        key: keyOf(1),
        by: 'salesforce',
        code: 'REQUIRED_FIELD_MISSING',
        message: 'Required: [Email]',
        fields: ['Email'],
      },
    ]);
    expect(hinted(world)).toEqual([keyOf(2)]);
    expect(links(world).some((link) => link.lease || link.pending)).toBe(false);
    // Only a change of the item can help, and the look that follows it takes the rejection back.
    expect(await world.parkedKeys.ofMapping(MAPPING_ID, 10)).toEqual([
      {
        mappingId: MAPPING_ID,
        kind: 'local',
        key: keyOf(1),
        local: { since: expect.any(String), reason: 'REQUIRED_FIELD_MISSING' },
        rounds: 0,
        version: 1,
      },
    ]);
  });

  test('says what it overwrote where a record came to exist after it was announced', async () => {
    const world = await aWorld();
    fill(world, 20);

    await drive(world, 'push', 'push1', async (step, state) => {
      if (step === 'upload-push') {
        world.org.insert({ External_Id__c: keyOf(4), LastName: 'Made meanwhile', Email: 'x@example.com' });
      }
      return world.step(step, state);
    });

    expect(keysInSalesforce(world).filter((key) => key === keyOf(4))).toHaveLength(1);
    expect(linked(world)).toHaveLength(20);
    const conflicts = await world.journal.conflicts(MAPPING_ID, 10);
    expect(conflicts).toContainEqual({
      mappingId: MAPPING_ID,
      linkVersion: 1,
      localKey: keyOf(4),
      sfId: world.org.withKey(keyOf(4))?.Id,
      field: 'lastName',
      base: undefined,
      local: 'Lee, 4',
      remote: null,
      policy: 'bulk-push',
      winner: 'local',
      reason: expect.stringContaining('a record that had come to exist meanwhile'),
      at: expect.any(String),
    });
    expect(new Set(conflicts.map(({ localKey }) => localKey))).toEqual(new Set([keyOf(4)]));
    expect(await world.journal.runs(MAPPING_ID, 10)).toMatchObject([
      { counts: { createdInSalesforce: 19, updatedInSalesforce: 1 } },
    ]);
  });

  test('looks at a refused record that was edited meanwhile', async () => {
    const world = await aWorld();
    fill(world, 20);
    world.org.refuse = () => EMAIL_MISSING;

    await drive(world, 'push', 'push1', async (step, state) => {
      if (step === 'poll') {
        world.tables.put('contacts', keyOf(3), {
          id: keyOf(3),
          lastName: 'Lee, 3',
          email: 'lee@example.com',
        });
      }
      return world.step(step, state);
    });

    expect(hinted(world)).toEqual([keyOf(3)]);
    expect(await world.journal.rejections(MAPPING_ID, 50)).toHaveLength(20);
  });

  test('hands over what Salesforce never came to, and what no result speaks of', async () => {
    const world = await aWorld();
    fill(world, 20);
    world.org.runs.leaveOut = (row) => row.External_Id__c === keyOf(4);
    const results = world.org.bulk.ingestResults.bind(world.org.bulk);
    Object.assign(world.org.bulk, {
      ingestResults: async (jobId: string, which: 'successful' | 'failed' | 'unprocessed') => {
        const job = world.org.jobs.get(jobId);
        job?.results.successful.splice(0, which === 'successful' ? 1 : 0);
        return results(jobId, which);
      },
    });

    await drive(world, 'push', 'push1');

    expect(hinted(world).sort()).toEqual([keyOf(0), keyOf(4)]);
    expect(links(world).some((link) => link.lease)).toBe(false);
    // Its outcome is unknown, so the next look compares with what was announced.
    expect(
      links(world)
        .filter((link) => link.pending)
        .map(({ localKey }) => localKey),
    ).toEqual([keyOf(0)]);
  });

  test('looks again at what was edited while the job held it', async () => {
    const world = await aWorld();
    fill(world, 20);

    await drive(world, 'push', 'push1', async (step, state) => {
      if (step === 'poll') {
        world.tables.put('contacts', keyOf(6), { id: keyOf(6), lastName: 'Edited' });
        world.tables.delete('contacts', keyOf(7));
        // The worker met the lease, on the stream's hint and on Salesforce's.
        await world.parkedKeys.park([
          { ...aHeldKey(keyOf(7)), side: 'local', isDeleted: true },
          { ...aHeldKey(keyOf(8)), side: 'remote' },
        ]);
        // Its time to live is over, and no hint comes of that.
        world.tables.delete('contacts', keyOf(9));
      }
      return world.step(step, state);
    });

    expect(linked(world)).toHaveLength(20);
    expect(world.syncStore.storedLinks.get(`${MAPPING_ID}#${keyOf(6)}`)?.base.lastName).toBe('Lee, 6');
    expect(hinted(world).sort()).toEqual([keyOf(6), keyOf(7), keyOf(8)]);
  });

  test('looks again at it although it was killed as it had settled the rows', async () => {
    const world = await aWorld();
    fill(world, 20);
    const commit = world.syncStore.commit.bind(world.syncStore);
    let kills = 0;

    await drive(world, 'push', 'push1', (step, state) => {
      if (step === 'poll') world.tables.put('contacts', keyOf(6), { id: keyOf(6), lastName: 'Edited' });
      if (step === 'settle-push' && kills === 0)
        world.syncStore.commit = async (commits) => {
          kills += 1;
          world.syncStore.commit = commit;
          await commit(commits);
          throw new Error('killed');
        };
      return retried(world)(step, state);
    });

    expect(kills).toBe(1);
    expect(linked(world)).toHaveLength(20);
    expect(hinted(world)).toEqual([keyOf(6)]);
  });

  test('never sends data to a job twice: one PUT of unknown outcome gives way to a new job', async () => {
    const world = await aWorld();
    fill(world, 20);
    world.org.failNext('upload', 'lost-answer');

    const { state } = await drive(world, 'push', 'push1', retried(world));

    expect(state.outcome).toBe('done');
    const jobs = [...world.org.jobs.values()].map(({ info, uploads }) => [info.state, uploads]);
    expect(jobs).toEqual([
      ['Aborted', 1],
      ['JobComplete', 1],
    ]);
    expect(world.org.records.size).toBe(20);
  });

  test('leaves one job even if it is killed while it replaces one', async () => {
    const world = await aWorld();
    fill(world, 20);
    const kills = new Map([
      ['upload', 1],
      ['submitIngest', 2],
    ]);
    world.org.after = (call) => {
      const left = kills.get(call);
      if (left === undefined) return;
      kills.set(call, left - 1);
      if (left === 1) throw new Error('killed');
    };

    const { state } = await drive(world, 'push', 'push1', retried(world));

    expect(state.outcome).toBe('done');
    expect([...world.org.jobs.values()].map(({ info }) => info.state)).toEqual([
      'Aborted',
      'Aborted',
      'JobComplete',
    ]);
  });

  test('leaves a record to whoever has taken it over meanwhile', async () => {
    const world = await aWorld();
    fill(world, 20);
    const id = `${MAPPING_ID}#${keyOf(8)}`;
    const other = { owner: 'worker', until: Number.MAX_SAFE_INTEGER };

    await drive(world, 'push', 'push1', async (step, state) => {
      const link = world.syncStore.storedLinks.get(id);
      if (step === 'poll' && link) {
        world.syncStore.storedLinks.set(id, { ...link, lease: other, version: link.version + 1 });
      }
      return world.step(step, state);
    });

    expect(world.syncStore.storedLinks.get(id)).toMatchObject({ state: 'creating', lease: other });
    expect(linked(world)).toHaveLength(19);
    expect(hinted(world)).toEqual([]);
  });

  test('makes a job of what it found where it had to stop looking, however few', async () => {
    const world = await aWorld({ pushRecords: 5 });
    fill(world, 100);
    await drive(world, 'push', 'first');
    for (let index = 0; index < 6; index += 1) {
      world.tables.put('contacts', `a-${index}`, { id: `a-${index}`, lastName: 'New' });
    }

    const { state } = await drive(world, 'push', 'second');

    expect(state).toMatchObject({ outcome: 'done', records: 6 });
    expect(world.org.records.size).toBe(106);
  });

  test('takes what one job cannot carry into the next one', async () => {
    const world = await aWorld({ pushRecords: 100 });
    fill(world, 350);
    const scanned: (string | undefined)[] = [];
    const page = world.syncStore.localKeysPage.bind(world.syncStore);
    world.syncStore.localKeysPage = (mapping, after) => {
      scanned.push(after);
      return page(mapping, after);
    };

    await driveAll(world);

    expect(world.executions.started.map(({ bulkJobId }) => bulkJobId)).toEqual([
      'push1-push1',
      'push1-push2',
      'push1-push3',
    ]);
    expect([world.org.jobs.size, world.org.records.size, linked(world).length]).toEqual([4, 350, 350]);
    expect(scanned).toEqual([undefined, keyOf(99), keyOf(199), keyOf(299)]);
  });

  test.each([
    ['once', (world: World) => world.step],
    ['twice', twice],
  ])(
    'cut off again and again, each step run %s, sends every item and has no key in its state',
    async (_how, how) => {
      const world = await aWorld({ pushRecords: 150 });
      fill(world, 350);
      const states: string[] = [];
      const attempt: typeof world.step = async (step, state) => {
        const next = await how(world)(step, state);
        states.push(JSON.stringify(next));
        return next;
      };
      // Time is up after each page of the table.
      world.remainingMs = () => 20_000;

      await driveAll(world, attempt);

      expect(linked(world)).toHaveLength(350);
      expect(world.org.records.size).toBe(350);
      expect(states.length).toBeGreaterThan(10);
      for (const state of states) expect(state).not.toContain('item-');
    },
  );

  test('sends by REST what CSV cannot carry', async () => {
    const world = await aWorld();
    fill(world, 20);
    world.tables.put('contacts', keyOf(1), { id: keyOf(1), lastName: '#N/A' });
    world.tables.put('contacts', keyOf(2), { id: keyOf(2), lastName: 'x'.repeat(32_001) });

    const { state } = await drive(world, 'push', 'push1');

    expect(state).toMatchObject({ outcome: 'done', records: 18 });
    expect(hinted(world)).toEqual([keyOf(1), keyOf(2)]);
  });

  test('goes on in the middle of everything when the time of an invocation runs out', async () => {
    const world = await aWorld();
    fill(world, 2_500);
    world.remainingMs = () => 20_000;

    const { state, steps } = await drive(world, 'push', 'push1');

    expect(state).toMatchObject({ outcome: 'done', records: 2_500 });
    expect(steps.filter((step) => step === 'settle-push').length).toBeGreaterThan(10);
    expect(world.org.calls.filter((call) => call === 'ingestResults')).toHaveLength(3);
    expect(linked(world)).toHaveLength(2_500);
  });

  test('gives every record back when it is aborted, and says so to the worker', async () => {
    const world = await aWorld();
    fill(world, 30);
    world.org.runs.failure = 'InvalidBatch : Jane Doe is wrong';

    const { state, steps } = await drive(world, 'push', 'push1');

    expect([steps.at(-1), state.outcome]).toEqual(['abort', 'failed']);
    expect(links(world)).toHaveLength(30);
    expect(links(world).every((link) => link.state === 'creating' && link.pending && !link.lease)).toBe(true);
    expect(hinted(world)).toHaveLength(30);
    expect(world.bulkJobs.jobs.get('push1')?.state).toBe('Aborted');
  });

  test.each([
    ['after its job was made', 'poll'],
    ['before there is a job', 'collect-push'],
  ] as const)('that is aborted %s has the next pass push again', async (_when, dying) => {
    const world = await aWorld();
    fill(world, 30);

    const { steps } = await drive(world, 'push', 'push1', async (step, state) =>
      step === dying
        ? { ...state, outcome: 'failed', reason: 'The allowance ran out.' }
        : world.step(step, state),
    );

    expect(steps.at(-1)).toBe('abort');
    expect(world.mappingStates.states.get(MAPPING_ID)?.pushDueSince).toBe(world.clock.now());
  });

  test('that ends well leaves no other push due', async () => {
    const world = await aWorld();
    fill(world, 30);

    await drive(world, 'push', 'push1');

    expect(world.mappingStates.states.get(MAPPING_ID)?.pushDueSince).toBeUndefined();
  });

  test('makes each record once, whatever is killed when', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 80 }), { maxLength: 8 }), async (kills) => {
        const world = await aWorld({ pushRecords: 300 });
        fill(world, 500);
        killAt(world, new Set(kills));

        await driveAll(world, retried(world));

        // A kill in mid-settlement may leave a few to the worker; none is made twice and none is forgotten.
        const left = new Set(hinted(world));
        const made = keysInSalesforce(world);
        expect(new Set(made).size).toBe(made.length);
        const keys = Array.from({ length: 500 }, (_, index) => keyOf(index));
        for (const key of keys) {
          const link = world.syncStore.storedLinks.get(`${MAPPING_ID}#${key}`);
          expect(link?.state === 'linked' || left.has(key)).toBe(true);
          expect(link?.lease).toBeUndefined();
        }
        expect(world.org.bulk.open('ingest')).toEqual([]);
      }),
      { numRuns: 40, seed: 20260501 },
    );
  });
});

describe('a push, where loads have to wait for the budget', () => {
  const HOUR_MS = 3_600_000;

  /** Others use this much of the org's 15,000 calls, and we have used this much. */
  async function aTightWorld(others: number, ours: number) {
    const world = await aWorld();
    // The first that opens the mapping asks for the object's description.
    await drive(world, 'push', 'push0');
    const atMs = world.clock.nowMs();
    const usage = { max: 15_000, others, atMs };
    await world.ports.slots.count('conn1', { at: world.clock.now(), calls: { loads: ours }, usage });
    return world;
  }

  test.each([
    ['the budget', 0, 7_000],
    ['the org', 14_800, 0],
  ])('calls nobody, and is due again: %s', async (_, others, ours) => {
    const world = await aTightWorld(others, ours);
    fill(world, 450);

    const { state } = await drive(world, 'push', 'push1');

    expect(state.outcome).toBe('nothing');
    expect(world.org.calls).toEqual(['describe']);
    expect(hinted(world)).toEqual([]);
    expect(await world.mappingStates.get(MAPPING_ID)).toMatchObject({ pushDueSince: world.clock.now() });
  });

  test('sends what it had found when there was room, and leaves the rest to the next pass', async () => {
    // Of some 7,125 calls loads stop at 6,056, and leave the sweeps 288.
    const world = await aTightWorld(0, 5_763);
    fill(world, 1_000);

    const { state } = await drive(world, 'push', 'push1');

    expect(state).toMatchObject({ outcome: 'done', records: 200 });
    expect(world.org.records.size).toBe(200);
    expect(world.executions.started).toEqual([]);
    expect((await world.mappingStates.get(MAPPING_ID))?.pushDueSince).toBeDefined();

    world.clock.advance(25 * HOUR_MS);
    await drive(world, 'push', 'push2');
    expect(world.org.records.size).toBe(1_000);
  });

  test('asks the org first, where what is known of it is old news', async () => {
    const world = await aTightWorld(0, 0);
    fill(world, 450);
    world.clock.advance(2 * HOUR_MS);
    world.org.othersUse(14_800);

    const { state } = await drive(world, 'push', 'push1');

    expect(state.outcome).toBe('nothing');
    expect(world.org.calls).toEqual(['describe', 'dailyCalls']);
  });
});
