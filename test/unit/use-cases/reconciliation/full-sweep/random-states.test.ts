import { createHash, createHmac, createSecretKey } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { must } from '../../../../../shared/sync/assert.ts';
import { isProven, type Proof, type Statement } from '../../../../../shared/sync/proof/proof.ts';
import type { FullSweep, SweepPlace } from '../../../../../shared/use-cases/ports/full-sweeps.ts';
import { ProofPage } from '../../../../../shared/use-cases/reconciliation/full-sweep/proof/proof-page.ts';
import { concluded, sumUp } from '../../../../../shared/use-cases/reconciliation/full-sweep/proof/prove.ts';
import { StagedProof } from '../../../../../shared/use-cases/reconciliation/full-sweep/proof/staged.ts';
import { manualClock } from '../../../../in-memory/clock.ts';
import { InMemoryStaging } from '../../../../in-memory/staging.ts';
import {
  isGone,
  isInStep,
  itemOf,
  keyOf,
  MAPPING,
  NOW,
  pairOf,
  randomState,
  type Seen,
  type State,
  sfIdOf,
  writtenOf,
} from './a-random-state.ts';

/** `npm run test:proof-million` takes a million. */
const RUNS = Number(process.env.PROOF_RUNS ?? 3_000);
/** A million states take one core some six minutes, where nobody else wants it. */
const TIMEOUT_MS = 1_800_000;
const KEY = Buffer.alloc(32, 7);
const SWEEP = {
  ...{ mappingId: MAPPING.mappingId, sweepId: 's', startedAt: NOW },
  ...{ digestKey: KEY.toString('base64'), place: { phase: 'proof', bucket: 0 } },
} as FullSweep;
const clock = manualClock(NOW);

/** Proves a state as a full sweep does: all pairs, then once more what was not in step, or has changed meanwhile. */
async function prove(state: State): Promise<Proof> {
  const staging = new InMemoryStaging();
  const staged = new StagedProof(staging, SWEEP);
  const others = await look(
    staged,
    { phase: 'records' },
    state.map(({ first }, n) => [n, first]),
  );
  const again = state.flatMap(({ first, later }, n) =>
    later !== null || others.has(keyOf(n)) ? [[n, later ?? first] as const] : [],
  );
  if (again.length > 0) await look(staged, { phase: 'open', round: 0 }, again);
  const ports = { staging, clock } as unknown as Parameters<typeof sumUp>[0]['ports'];
  const open = { mapping: MAPPING, state: {} } as Parameters<typeof concluded>[0]['open'];
  const { buckets = [] } = await sumUp({ ports, sweep: SWEEP });
  return must(await concluded({ ports, open }, { ...SWEEP, buckets }), 'a proof');
}

/** One look at some pairs, which leaves out what is not in step if it is the last. */
async function look(staged: StagedProof, place: SweepPlace, some: readonly (readonly [number, Seen])[]) {
  const page = new ProofPage(MAPPING, KEY.toString('base64'));
  const those = (item: Seen['item']) => some.filter(([, one]) => one.item === item);
  const items = new Map(those('there').map(([n, one]) => [keyOf(n), itemOf(n, one)]));
  const invalid = new Map(those('unusable').map(([n]) => [keyOf(n), undefined]));
  const ports = { clock, syncStore: { items: async () => ({ items, invalid }) } };
  const others = await page.addInStep(
    { ports } as unknown as Parameters<ProofPage['addInStep']>[0],
    some.map(([n, one]) => pairOf(n, one)),
  );
  if (place.phase === 'open')
    for (const { verdict, ...key } of others) page.leaveOut(key, verdict === 'gone' ? undefined : verdict);
  await page.stage(staged, place);
  return new Set(others.map(({ localKey }) => localKey));
}

const sha256 = (data: string | Buffer): Buffer => createHash('sha256').update(data).digest();
const secret = createSecretKey(KEY);

/** The buckets with rows that a certificate of just these pairs has, by the form written down in docs/19-proof.md. */
const bucketsOf = (covered: ReadonlyMap<number, Seen>): string[] =>
  (['local', 'salesforce'] as const).flatMap((side) => {
    const rows = [...covered].map(([n, one]) => {
      const key = side === 'local' ? keyOf(n) : sfIdOf(n);
      const row = JSON.stringify([side, key, ...writtenOf(one)]);
      const digest = createHmac('sha256', secret).update(row).digest();
      return { bucket: sha256(key).readUInt8(0) % 16, digest };
    });
    return [...Map.groupBy(rows, ({ bucket }) => bucket)].map(([bucket, some]) => {
      const digests = some.map(({ digest }) => digest).sort(Buffer.compare);
      return `${side} ${bucket} ${some.length} ${sha256(Buffer.concat(digests)).toString('hex')}`;
    });
  });

const certified = ({ statement }: Proof): string[] =>
  (JSON.parse(must(statement, 'a certificate')) as Statement).buckets
    .filter(({ rows }) => rows > 0)
    .map(({ side, bucket, rows, digest }) => `${side} ${bucket} ${rows} ${digest}`);

test(
  'a certificate of any state covers the pairs that are in step, and no other',
  async () => {
    await fc.assert(
      fc.asyncProperty(randomState, async (state) => {
        const proof = await prove(state);

        const last = state.map(({ first, later }) => later ?? first);
        const inStep = new Map([...last.entries()].filter(([, one]) => isInStep(one)));
        const isNothingElse = last.every((one) => isInStep(one) || isGone(one));
        const said = [...certified(proof).sort(), proof.pairs, isProven(proof) && !isNothingElse];
        expect(said.join('\n')).toBe([...bucketsOf(inStep).sort(), inStep.size, false].join('\n'));
      }),
      { numRuns: RUNS },
    );
  },
  TIMEOUT_MS,
);
