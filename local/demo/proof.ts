import { checkCertificate } from '../stack/certificate.ts';
import { quiet } from '../stack/queues.ts';
import { operate, until } from '../stack/tenant.ts';
import { check, type Facts } from './report.ts';
import type { Demo } from './steps.ts';

interface Proof {
  readonly sweepId: string;
  readonly isProven: boolean;
  readonly pairs: number;
}

/** A full sweep proves the accounts in step, and a program of its own checks its certificate against exports. */
export async function proof({ stack, connectionId, accounts }: Demo): Promise<Facts> {
  await quiet(stack);
  const mappingId = `${connectionId}.account`;
  const { sweepId } = (await operate(stack, { action: 'full-sweep', mappingId })) as { sweepId: string };
  const proven = await until('The proof', async () => {
    const shown = (await operate(stack, { action: 'proof', mappingId })) as { proof?: Proof };
    return shown.proof?.sweepId === sweepId ? shown.proof : undefined;
  });
  check(proven.isProven, 'a pair is not in step');
  const signed = (await operate(stack, { action: 'certificate', mappingId })) as {
    certificate: { statement: string };
  };
  const { fields } = JSON.parse(signed.certificate.statement) as { fields: { field: string }[] };
  const columns = ['Id', ...fields.map(({ field }) => field)];
  const records = await stack.admin.query(`SELECT ${columns.join(', ')} FROM Account`);
  const items = await accounts.all();
  const whole = checkCertificate(signed, { items, columns, records });
  check(whole.code === 0, `the exports were refused: ${whole.text}`);
  const [first, ...others] = items;
  const edited = checkCertificate(signed, {
    items: [...others, { ...first, name: 'Flipped' }],
    columns,
    records,
  });
  const [named = ''] = /^local, bucket \d+/m.exec(edited.text) ?? [];
  check(edited.code === 1 && named !== '', 'a flipped value was not found');
  return { 'pairs proven in step': proven.pairs, 'one value flipped in the export': `refused: ${named}` };
}
