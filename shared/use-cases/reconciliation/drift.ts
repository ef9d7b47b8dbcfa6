import type { Finding } from '../../sync/mapping/check/finding.ts';
import type { MappingCheck } from '../../sync/mapping/check.ts';
import type { MappingState } from '../ports/mapping-states.ts';
import type { Events } from '../ports/runtime.ts';

/** What is otherwise than at the last check. */
export interface Drift {
  /** What did not fit now and did then, or was not looked at. */
  readonly unfit: readonly Finding[];
  /** Places in the config that did not fit then, and do now. */
  readonly mended: readonly string[];
  /** Whether the config asked for the same then: what changed is the org. */
  readonly cause: 'org' | 'config';
}

/** Compares a check with what the last one left in the state. Notices are no drift: nothing stops for them. */
export const driftOf = (
  { schema: before, checkedTemplate }: Pick<MappingState, 'schema' | 'checkedTemplate'>,
  { schema: { findings } }: Pick<MappingCheck, 'schema'>,
  checkDigest: string,
): Drift => {
  const [then, now] = [unfitIn(before?.findings ?? []), unfitIn(findings)];
  const isKnown = (finding: Finding): boolean => then.some((one) => idOf(one) === idOf(finding));
  const places = new Set(now.map(({ where }) => where));
  const mended = then.map(({ where }) => where).filter((where) => !places.has(where));
  return {
    unfit: now.filter((finding) => !isKnown(finding)),
    mended: [...new Set(mended)],
    cause: checkedTemplate === checkDigest ? 'org' : 'config',
  };
};

const unfitIn = (findings: readonly Finding[]): Finding[] =>
  findings.filter(({ weight }) => weight !== 'notice');

const idOf = ({ where, code }: Finding): string => `${where} ${code}`;

/**
 * Tells the bus of both kinds of change, names alone. An event follows the check that is stored: one is lost where the
 * worker dies between the two, and one may come twice where two workers check at the same moment.
 */
export async function tellDrift(
  events: Events,
  { mappingId, connectionId, orgId }: Pick<MappingState, 'mappingId' | 'connectionId' | 'orgId'>,
  { problems, schema }: Pick<MappingCheck, 'problems' | 'schema'>,
  { unfit, mended, cause }: Drift,
): Promise<void> {
  const about = {
    mappingId,
    connectionId,
    orgId,
    cause,
    isStopped: problems.length > 0,
    leftOut: schema.leftOut,
  };
  if (unfit.length > 0) {
    const findings = unfit.map(({ where, code }) => ({ where, code }));
    await events.publish({ type: 'Mapping Drifted', detail: { ...about, findings } });
  }
  if (mended.length > 0) await events.publish({ type: 'Mapping Mended', detail: { ...about, mended } });
}
