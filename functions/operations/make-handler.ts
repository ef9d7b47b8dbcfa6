import middy from '@middy/core';
import { SyncError } from '../../shared/contracts/next.ts';
import type { Log } from '../../shared/runtime/logging.ts';
import { answerFailures } from '../../shared/runtime/middleware/answer-failures.ts';
import { type DisconnectPorts, disconnect } from '../../shared/use-cases/connections/disconnect.ts';
import { type IssueTicketPorts, issueTicket } from '../../shared/use-cases/connections/issue-ticket.ts';
import { type AllowanceOperationsPorts, showAllowance } from '../../shared/use-cases/operations/allowance.ts';
import { listHeldClears, refuseClears, releaseClears } from '../../shared/use-cases/operations/clears.ts';
import {
  type ConnectionOperationsPorts,
  listConnections,
  makeOutboundMessageUrl,
  pauseConnection,
  resumeConnection,
} from '../../shared/use-cases/operations/connections.ts';
import {
  type DeletionOperationsPorts,
  listHeld,
  listTombstones,
  refuseDeletions,
  releaseDeletions,
  releaseTombstone,
  treatAsDeleted,
} from '../../shared/use-cases/operations/deletions.ts';
import { OperationRefused } from '../../shared/use-cases/operations/errors.ts';
import { forecastAllowance } from '../../shared/use-cases/operations/forecast.ts';
import {
  type FullSweepOperationsPorts,
  fullSweepFindings,
  fullSweepStatus,
  startFullSweep,
} from '../../shared/use-cases/operations/full-sweeps.ts';
import {
  checkNow,
  listConflicts,
  listMappings,
  listRejections,
  listRuns,
  listWaiting,
  mappingReport,
  pushNow,
  runNow,
} from '../../shared/use-cases/operations/mappings.ts';
import {
  listOpenConflicts,
  type OpenConflictOperationsPorts,
  resolveConflict,
  resolveConflicts,
} from '../../shared/use-cases/operations/open-conflicts.ts';
import {
  type ApplyPlanPorts,
  applyPlan,
  planLeftovers,
  planPage,
  planStatus,
  startPlan,
} from '../../shared/use-cases/operations/plans.ts';
import {
  type ProofOperationsPorts,
  showProof,
  signCertificate,
} from '../../shared/use-cases/operations/proofs.ts';
import {
  promoteRehearsal,
  type RehearsalOperationsPorts,
  rehearsalReport,
} from '../../shared/use-cases/operations/rehearsals.ts';
import { startUndo, type UndoPorts } from '../../shared/use-cases/operations/undos.ts';
import { type WhyPorts, why } from '../../shared/use-cases/operations/why.ts';
import { type Operation, operation } from './event.ts';
import { inputProblem } from './input-problem.ts';

export type OperationsPorts = DeletionOperationsPorts &
  IssueTicketPorts &
  ConnectionOperationsPorts &
  DisconnectPorts &
  FullSweepOperationsPorts &
  ApplyPlanPorts &
  UndoPorts &
  OpenConflictOperationsPorts &
  RehearsalOperationsPorts &
  ProofOperationsPorts &
  AllowanceOperationsPorts &
  WhyPorts;

/** What a caller gets: what was asked for, or what is wrong. Never a stack trace. */
export type OperationAnswer =
  | object
  | { readonly error: { readonly code: string; readonly message: string } };

/** Invoked directly, by callers that IAM allows to: one action, by name. */
export const makeHandler = (ports: OperationsPorts, log: Log) =>
  middy<unknown, OperationAnswer>()
    .use(answerFailures(log, errorAnswer))
    .handler(async (event) => {
      try {
        const parsed = operation.safeParse(event);
        if (!parsed.success) throw new OperationRefused('INVALID_INPUT', inputProblem(parsed.error));
        log.info('Operation', subjectOf(parsed.data));
        return await perform(ports, parsed.data);
      } catch (error) {
        if (!(error instanceof OperationRefused)) throw error;
        // The caller's mistake, which only the caller is told about.
        log.info('Operation refused', { code: error.code });
        return errorAnswer(error);
      }
    });

const perform = async (ports: OperationsPorts, asked: Operation): Promise<OperationAnswer> => {
  switch (asked.action) {
    case 'issue-ticket':
      return issueTicket(ports, asked);
    case 'connections':
      return listConnections(ports, asked);
    case 'mappings':
      return listMappings(ports, asked);
    case 'mapping-report':
      return mappingReport(ports, asked);
    case 'check-now':
      return checkNow(ports, asked);
    case 'allowance':
      return showAllowance(ports, asked);
    case 'forecast':
      return forecastAllowance(ports, asked);
    case 'pause':
      return pauseConnection(ports, asked);
    case 'resume':
      return resumeConnection(ports, asked);
    case 'disconnect':
      return disconnect(ports, asked);
    case 'outbound-message-url':
      return makeOutboundMessageUrl(ports, asked);
    case 'run-now':
      return runNow(ports, asked);
    case 'push-now':
      return pushNow(ports, asked);
    case 'conflicts':
      return listConflicts(ports, asked);
    case 'open-conflicts':
      return listOpenConflicts(ports, asked);
    case 'resolve-conflict':
      return resolveConflict(ports, asked);
    case 'resolve-conflicts':
      return resolveConflicts(ports, asked);
    case 'rejections':
      return listRejections(ports, asked);
    case 'runs':
      return listRuns(ports, asked);
    case 'waiting':
      return listWaiting(ports, asked);
    case 'why':
      return why(ports, asked);
    case 'full-sweep':
      return startFullSweep(ports, asked);
    case 'full-sweep-status':
      return fullSweepStatus(ports, asked);
    case 'full-sweep-findings':
      return fullSweepFindings(ports, asked);
    case 'plan':
      return startPlan(ports, asked);
    case 'undo':
      return startUndo(ports, asked);
    case 'plan-status':
      return planStatus(ports, asked);
    case 'plan-page':
      return planPage(ports, asked);
    case 'apply-plan':
      return applyPlan(ports, asked);
    case 'plan-leftovers':
      return planLeftovers(ports, asked);
    case 'proof':
      return showProof(ports, asked);
    case 'certificate':
      return signCertificate(ports, asked);
    case 'tombstones':
      return listTombstones(ports, asked);
    case 'release-tombstone':
      return releaseTombstone(ports, asked);
    case 'treat-as-deleted':
      return treatAsDeleted(ports, asked);
    case 'held-deletions':
      return listHeld(ports, asked);
    case 'release-deletions':
      return releaseDeletions(ports, asked);
    case 'refuse-deletions':
      return refuseDeletions(ports, asked);
    case 'rehearsal-report':
      return rehearsalReport(ports, asked);
    case 'promote-rehearsal':
      return promoteRehearsal(ports, asked);
    case 'held-clears':
      return listHeldClears(ports, asked);
    case 'release-clears':
      return releaseClears(ports, asked);
    case 'refuse-clears':
      return refuseClears(ports, asked);
  }
};

/** Whom an operation is about, for the log; their shapes were checked. */
const subjectOf = (asked: Operation): Record<string, string> => ({
  action: asked.action,
  ...('orgId' in asked && { orgId: asked.orgId }),
  ...('connectionId' in asked && { connectionId: asked.connectionId }),
  ...('mappingId' in asked && { mappingId: asked.mappingId }),
});

const errorAnswer = (error: unknown): OperationAnswer => {
  if (error instanceof SyncError) return { error: { code: error.code, message: error.message } };
  return {
    error: { code: 'INTERNAL', message: 'Something went wrong; the log of this function says more.' },
  };
};
