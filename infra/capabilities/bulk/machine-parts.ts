import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import {
  Choice,
  Condition,
  DefinitionBody,
  Fail,
  type IChainable,
  JitterType,
  JsonPath,
  LogLevel,
  Pass,
  Result,
  StateMachine,
  TaskInput,
  Wait,
  WaitTime,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { BULK_STEP_RETRIES, type BulkState, type BulkStep } from '../../../shared/contracts/bulk-steps.ts';
import { BULK_DEADLINE_MS } from '../../../shared/contracts/lifetimes.ts';
import { acknowledgeWildcards, NO_RESOURCES, versionsOf } from '../../resources/acknowledgements.ts';
import type { SyncFunction } from '../../resources/sync-function.ts';

export interface BulkMachineProps {
  /** Given rather than made up, because the steps start further executions: their function must know it first. */
  readonly stateMachineName: string;
  /** Does every step. */
  readonly bulkStep: SyncFunction;
  readonly logKey: Key;
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
}

type Outcome = NonNullable<BulkState['outcome']>;

/**
 * The execution's own end is only the last resort, since an execution that times out cannot clean up after itself:
 * the step `poll` gives up at the job's deadline, and this leaves as much time again for the job's results.
 */
const EXECUTION_TIMEOUT = Duration.millis(BULK_DEADLINE_MS * 2);

/** The states that both machines are made of. Steps never fail by name: they answer with an outcome. */
export class BulkMachineParts {
  private readonly scope: Construct;
  private readonly bulkStep: SyncFunction;
  private readonly giveUp: IChainable;
  private readonly noteBreakdown: Pass;

  /** @param jobName - how the states call the job, such as `query job` */
  constructor(scope: Construct, bulkStep: SyncFunction, jobName: string) {
    this.scope = scope;
    this.bulkStep = bulkStep;
    this.giveUp = this.abortAndFail(jobName);
    this.noteBreakdown = new Pass(scope, 'Note the breakdown', {
      result: Result.fromString(
        'A step broke down more often than it is repeated; the log of bulk-step says why.',
      ),
      resultPath: '$.reason',
    });
    this.noteBreakdown.next(this.giveUp);
  }

  /** One step: gets the whole state and returns the whole of it. Breakdowns are repeated, then the job is given up. */
  step(name: string, step: BulkStep): LambdaInvoke {
    const task = this.invoke(name, step);
    // The error itself stays out of the state: its text comes from anywhere.
    task.addCatch(this.noteBreakdown, { errors: ['States.ALL'], resultPath: JsonPath.DISCARD });
    return task;
  }

  /** Waits as long as the last step said. */
  wait(name = 'Wait for Salesforce'): Wait {
    return new Wait(this.scope, name, { time: WaitTime.secondsPath('$.waitSeconds') });
  }

  /** Goes on by the last step's outcome; any outcome that is not named gives the job up. */
  choose(name: string, ways: Partial<Record<Outcome, IChainable>>): Choice {
    const choice = new Choice(this.scope, name);
    for (const [outcome, next] of Object.entries(ways)) choice.when(outcomeIs(outcome), next);
    return choice.otherwise(this.giveUp);
  }

  /** The machine itself: traced, logged without what it carries. */
  machine(definition: IChainable, props: BulkMachineProps): StateMachine {
    const logs = new LogGroup(this.scope, 'Log', {
      encryptionKey: props.logKey,
      retention: props.logRetention,
      removalPolicy: props.removalPolicy,
    });
    const machine = new StateMachine(this.scope, 'Machine', {
      stateMachineName: props.stateMachineName,
      definitionBody: DefinitionBody.fromChainable(definition),
      timeout: EXECUTION_TIMEOUT,
      tracingEnabled: true,
      logs: { destination: logs, level: LogLevel.ALL, includeExecutionData: false },
    });
    acknowledgeWildcards(machine, NO_RESOURCES, versionsOf(this.bulkStep.functionArn));
    return machine;
  }

  /** About three minutes of tries, as long as a hiccup lasts. */
  private invoke(name: string, step: BulkStep): LambdaInvoke {
    const task = new LambdaInvoke(this.scope, name, {
      lambdaFunction: this.bulkStep,
      payload: TaskInput.fromObject({ step, state: JsonPath.entirePayload }),
      payloadResponseOnly: true,
      // Ours covers those too.
      retryOnServiceExceptions: false,
    });
    const { intervalSeconds, backoffRate, maxAttempts } = BULK_STEP_RETRIES;
    task.addRetry({
      errors: ['States.ALL'],
      interval: Duration.seconds(intervalSeconds),
      maxAttempts,
      backoffRate,
      jitterStrategy: JitterType.FULL,
    });
    return task;
  }

  /** Ends the job in Salesforce, then the execution; a failed clean-up is left to `bulk-cleanup`, which hears of it. */
  private abortAndFail(jobName: string): IChainable {
    const withReason = new Fail(this.scope, 'Given up', { error: 'BulkJobGivenUp', causePath: '$.reason' });
    const withoutReason = new Fail(this.scope, 'Given up without a reason', {
      error: 'BulkJobGivenUp',
      cause: 'No step left a reason; the log of bulk-step says more.',
    });
    const cannotAbort = new Fail(this.scope, 'Could not abort', {
      error: 'BulkJobNotAborted',
      cause: 'The job could not be aborted; bulk-cleanup tries again.',
    });
    const abort = this.invoke(`Abort the ${jobName}`, 'abort');
    abort.addCatch(cannotAbort, { errors: ['States.ALL'], resultPath: JsonPath.DISCARD });
    return abort.next(
      new Choice(this.scope, 'Is the reason known?')
        .when(Condition.isPresent('$.reason'), withReason)
        .otherwise(withoutReason),
    );
  }
}

const outcomeIs = (outcome: string): Condition =>
  Condition.and(Condition.isPresent('$.outcome'), Condition.stringEquals('$.outcome', outcome));
