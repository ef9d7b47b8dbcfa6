import type { ParkedKeyName } from '../../../sync/reconcile/parking.ts';
import type { Journal, Rejection } from '../../ports/journal.ts';
import type { ParkedKeys } from '../../ports/parked-keys.ts';

export interface TellPorts {
  readonly journal: Pick<Journal, 'recordRejections' | 'clearRejections'>;
  readonly parkedKeys: Pick<ParkedKeys, 'notParked'>;
}

/** A key that is parked by now, and why. */
export interface Told extends ParkedKeyName {
  readonly rejection: Rejection;
}

/**
 * Tells a person why keys of one mapping wait. Another look may have settled and released one of them since it was
 * parked, before there was anything to take back: what nobody looks at again is not left on the list.
 */
export async function tellOfParked(
  { journal, parkedKeys }: TellPorts,
  mappingId: string,
  told: readonly Told[],
): Promise<void> {
  if (told.length === 0) return;
  await journal.recordRejections(told.map(({ rejection }) => rejection));
  const settled = await parkedKeys.notParked(told);
  if (settled.length === 0) return;
  await journal.clearRejections(
    mappingId,
    settled.map(({ rejection }) => rejection.key),
  );
}
