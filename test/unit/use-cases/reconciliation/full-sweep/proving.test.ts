import { describe, expect, test } from '@jest/globals';
import { csvLine, type ExportFiles, runVerifier } from '../../../../../local/stack/certificate.ts';
import { must } from '../../../../../shared/sync/assert.ts';
import { showProof, signCertificate } from '../../../../../shared/use-cases/operations/proofs.ts';
import { InMemoryCertificateSigner } from '../../../../in-memory/certificate-signer.ts';
import { MAPPING_ID, type StackOptions } from '../schedules/a-stack.ts';
import { aSweptStack, withFormula } from './a-swept-stack.ts';

type Stack = Awaited<ReturnType<typeof aSweptStack>>;

const FIELDS = ['FirstName', 'LastName', 'Email', 'Title', 'Grade__c'] as const;
const signer = new InMemoryCertificateSigner();

/** A swept stack with some contacts in step. */
async function aStackOf(people: number, options: StackOptions = {}): Promise<Stack> {
  const stack = await aSweptStack(options);
  for (let index = 0; index < people; index += 1)
    stack.putItem(`p${index}`, { lastName: `P ${index}`, title: index % 3 === 0 ? 'CEO' : ' "x",\r\ny ' });
  await stack.passes(10);
  return stack;
}

const proofOf = async ({ ports }: Stack) =>
  (await showProof({ proofs: ports.proofs }, { mappingId: MAPPING_ID })).proof;

const certificateOf = ({ ports }: Stack) =>
  signCertificate({ proofs: ports.proofs, signer }, { mappingId: MAPPING_ID });

/** Raw exports of both sides, as tools of both sides write them. */
function exportsOf({ tables, org, item }: Stack) {
  const items = tables.keys('contacts').map((key) => JSON.stringify(item(key)));
  const records = [...org.records.values()]
    .filter(({ IsDeleted }) => !IsDeleted)
    .map(({ Id, fields }) => csvLine([Id, ...FIELDS.map((field) => fields[field])]));
  return { local: items, salesforce: [['Id', ...FIELDS].join(), ...records] };
}

/** Has the exports checked by the verifier, with the rows that are covered or without. */
async function check(
  stack: Stack,
  files: ExportFiles = exportsOf(stack),
  options: { readonly withCovered?: true; readonly statement?: (text: string) => string } = {},
) {
  const signed = await signCertificate({ proofs: stack.ports.proofs, signer }, { mappingId: MAPPING_ID });
  const { certificate, coveredRows } = signed;
  const statement = options.statement?.(certificate.statement) ?? certificate.statement;
  const covered = new Map(
    [...stack.ports.staging.objects].flatMap(([key, rows]) =>
      key.startsWith(coveredRows) ? [[key.slice(coveredRows.length), rows] as const] : [],
    ),
  );
  return runVerifier(
    { ...signed, certificate: { ...certificate, statement } },
    { ...files, ...(options.withCovered && { covered }) },
  );
}

/** Lets something happen between the records' turn and that of the links. @returns whether it has happened */
function beforeLinks({ ports: { linkPages } }: Stack, happen: () => unknown): () => boolean {
  const links = linkPages.links.bind(linkPages);
  let hasHappened = false;
  linkPages.links = async (...asked) => {
    if (!hasHappened) {
      hasHappened = true;
      await happen();
    }
    return links(...asked);
  };
  return () => hasHappened;
}

describe('a full sweep of sides in step', () => {
  test('proves them, and a certificate of it is confirmed by raw exports', async () => {
    const stack = await aStackOf(40);

    expect(await stack.fullSweep()).toMatchObject({ outcome: 'done', calls: 1 });

    expect(await proofOf(stack)).toMatchObject({ isProven: true, pairs: 41, open: {}, hasCertificate: true });
    expect(await check(stack)).toMatchObject({ code: 0, text: expect.stringContaining('41 pairs') });
    expect(await check(stack, undefined, { withCovered: true })).toMatchObject({ code: 0 });
  });

  test('is refused after one value of either side was flipped, and the bucket is named', async () => {
    const stack = await aStackOf(40);
    await stack.fullSweep();
    const { local, salesforce } = exportsOf(stack);
    const flipped = (lines: readonly string[], at: number) =>
      lines.map((line, index) => (index === at ? line.replace('CEO', 'CTO') : line));
    const at = (lines: readonly string[]) => lines.findIndex((line) => line.includes('CEO'));

    const ofItem = await check(stack, { local: flipped(local, at(local)), salesforce });
    const ofRecord = await check(
      stack,
      { local, salesforce: flipped(salesforce, at(salesforce)) },
      { withCovered: true },
    );

    expect(ofItem).toMatchObject({
      code: 1,
      text: expect.stringMatching(/^local, bucket \d+: its \d+ rows differ$/m),
    });
    expect(ofRecord).toMatchObject({ code: 1, text: expect.stringMatching(/^salesforce, bucket \d+/m) });
    expect(ofRecord.text).toMatch(/^ {2}"003\w{15}" is not as it was certified$/m);
  });

  test('is refused where a row is missing, is there twice under other keys, or the statement was edited', async () => {
    const stack = await aStackOf(5);
    await stack.fullSweep();
    const { local, salesforce } = exportsOf(stack);

    expect(await check(stack, { local: local.slice(1), salesforce })).toMatchObject({ code: 1 });
    expect(
      await check(stack, { local, salesforce: salesforce.slice(0, -1) }, { withCovered: true }),
    ).toMatchObject({
      code: 1,
      text: expect.stringContaining('1 certified rows are missing'),
    });
    const more = [
      ...local,
      JSON.stringify({ ...(JSON.parse(must(local[0], 'an item')) as object), id: 'x' }),
    ];
    expect(await check(stack, { local: more, salesforce })).toMatchObject({ code: 1 });
    expect(await check(stack, { local: more, salesforce }, { withCovered: true })).toMatchObject({ code: 0 });
    const edited = { statement: (text: string) => text.replace('"rows":', '"rows": ') };
    expect(await check(stack, undefined, edited)).toMatchObject({
      code: 1,
      text: expect.stringContaining('signature'),
    });
  });
});

describe('what is not in step', () => {
  test('is found, mended and then proven by the same sweep', async () => {
    const stack = await aStackOf(5);
    stack.editUnseen(stack.sfId, { Title: 'CTO' });
    stack.putItem('p1', { title: 'Head' });
    stack.loseStream();

    expect(await stack.fullSweep()).toMatchObject({
      counts: { 'missed-in-salesforce': 1, 'missed-locally': 1 },
    });

    expect(await proofOf(stack)).toMatchObject({ isProven: true, pairs: 6 });
    expect(await check(stack)).toMatchObject({ code: 0 });
  });

  test('and cannot be mended is told of with its reason, and the rest is certified', async () => {
    const stack = await aStackOf(5);
    stack.org.hide(stack.sfId, true);
    stack.deleteItem('p1');
    stack.loseStream();

    await stack.fullSweep();

    expect(await proofOf(stack)).toMatchObject({
      isProven: false,
      pairs: 4,
      open: { 'record-not-given': 1, 'item-vanished': 1 },
    });
    const buckets = (await proofOf(stack))?.openBuckets ?? [];
    // Each of the two pairs has a bucket on either side.
    expect(
      buckets.flatMap(({ side, open }) => Object.keys(open).map((reason) => `${side} ${reason}`)).sort(),
    ).toEqual([
      'local item-vanished',
      'local record-not-given',
      'salesforce item-vanished',
      'salesforce record-not-given',
    ]);
    expect(await check(stack)).toMatchObject({ code: 0, text: expect.stringContaining('4 pairs') });
  });

  test('and is too much to be looked at once more proves nothing, and is counted', async () => {
    const stack = await aStackOf(3);
    const { fullSweeps } = stack.ports;
    const move = fullSweeps.move.bind(fullSweeps);
    fullSweeps.move = (from, to) => move(from, { ...to, open: (to.open ?? 0) + 10_001 });

    await stack.fullSweep();

    const proof = await proofOf(stack);
    expect(proof).toMatchObject({ isProven: false, hasCertificate: false, pairs: 0, open: {} });
    expect(proof?.tooMany).toBeGreaterThan(10_000);
    await expect(certificateOf(stack)).rejects.toMatchObject({
      code: 'NO_PROOF',
      message: expect.stringContaining('too many pairs'),
    });
  });

  test('because it goes over to another record while the sweep is under way leaves no certificate, and says so', async () => {
    const stack = await aSweptStack({ config: withFormula({ filter: "Title = 'CEO'" }) });
    const winner = stack.org.insert({ LastName: 'Lee', Title: 'CTO' });
    beforeLinks(stack, async () => {
      stack.org.merge(winner, stack.sfId, {});
      await stack.hints.send([stack.remoteHint(stack.sfId)]);
      await stack.work();
    });

    await stack.fullSweep();

    expect(stack.link(stack.key)?.sfId).toBe(winner);
    expect(await proofOf(stack)).toMatchObject({ isProven: false, hasCertificate: false, notWhole: 'moved' });
    await expect(certificateOf(stack)).rejects.toMatchObject({
      code: 'NO_PROOF',
      message: expect.stringContaining('went over to another record'),
    });
    await stack.fullSweep();
    expect(await proofOf(stack)).toMatchObject({ hasCertificate: true });
    expect(await proofOf(stack)).not.toHaveProperty('notWhole');
  });

  test('is not certified where the sweep took longer than what is staged of it is kept', async () => {
    const stack = await aStackOf(1);
    beforeLinks(stack, () => stack.clock.advance(6 * 24 * 3_600_000 + 1));

    await stack.fullSweep();

    expect(await proofOf(stack)).toMatchObject({ isProven: false, notWhole: 'too-long' });
  });

  test('because somebody edits it while the sweep is under way is proven as it is then', async () => {
    const stack = await aStackOf(5);
    await stack.ask();
    const happened = beforeLinks(stack, () => stack.putItem('p1', { title: 'Meanwhile' }));
    await stack.work();
    expect(happened()).toBe(true);
    await stack.deliverStream();
    await stack.work();

    await stack.fullSweep();

    expect(await check(stack)).toMatchObject({ code: 0 });
  });

  test.each([
    ['ignore', { isProven: false, open: { 'one-side-deleted': 1 } }],
    ['propagate', { isProven: true, open: {} }],
  ] as const)(
    'because it is deleted while the sweep is under way is not certified (%s)',
    async (deletePolicy, said) => {
      const stack = await aStackOf(5, { config: withFormula({ deletePolicy }) });
      const happened = beforeLinks(stack, async () => {
        stack.deleteItem('p1');
        await stack.deliverStream();
        await stack.work();
      });

      await stack.fullSweep();

      expect(happened()).toBe(true);
      expect(await proofOf(stack)).toMatchObject({ ...said, pairs: 5, hasCertificate: true });
      expect(await check(stack)).toMatchObject({ code: 0 });
    },
  );
});

test('Before a first full sweep there is nothing to show, and nothing to sign', async () => {
  const stack = await aSweptStack();

  expect(await proofOf(stack)).toBeUndefined();
  await expect(
    signCertificate({ proofs: stack.ports.proofs, signer }, { mappingId: MAPPING_ID }),
  ).rejects.toMatchObject({ code: 'NO_PROOF' });
});
