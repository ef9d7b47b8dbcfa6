import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { IEventSourceMapping, IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { ALARMS, type AlarmKind, runbookAnchor } from './alarm-catalogue.ts';
import { bucketLink, functionLink, queueLink, stateMachineLink } from './deep-links.ts';

export interface AlarmsProps {
  /** Told when an alarm goes off and when it is over. @default alarms only show in CloudWatch */
  readonly topic?: ITopic | undefined;
  /** Where the runbook is read. @default docs/runbook.md, the path in the project */
  readonly runbookUrl?: string | undefined;
}

/** What an alarm looks at. */
interface Watch {
  readonly metric: IMetric;
  readonly threshold: number;
  /** Periods of the metric that must all be at the threshold. @default 1 */
  readonly periods?: number;
  /** @default an alarm goes off at the threshold and above */
  readonly below?: boolean;
  /** The page in the console where a person looks first. */
  readonly link: string;
}

const FIVE_MINUTES = Duration.minutes(5);

/** Makes the alarms; each says how bad it is, what is lost, what to do and where to look. */
export class Alarms extends Construct {
  private readonly topic: ITopic | undefined;
  private readonly runbookUrl: string;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.topic = props.topic;
    this.runbookUrl = props.runbookUrl ?? 'docs/runbook.md';
  }

  /** One message in a dead-letter queue is one too many. */
  deadLetters(id: string, kind: AlarmKind, queue: IQueue): void {
    const metric = queue.metricApproximateNumberOfMessagesVisible({ period: FIVE_MINUTES });
    this.raise(id, kind, { metric, threshold: 1, link: queueLink(queue) });
  }

  /** Hints that wait too long for a worker. */
  hintAge(id: string, queue: IQueue): void {
    const metric = queue.metricApproximateAgeOfOldestMessage({ period: FIVE_MINUTES });
    const threshold = Duration.minutes(30).toSeconds();
    this.raise(id, ALARMS.hintAge, { metric, threshold, periods: 3, link: queueLink(queue) });
  }

  /** Stream records that Lambda gave up: kept in the bucket, or lost where even that failed. */
  discardedChanges(id: string, source: IEventSourceMapping, discarded: Bucket): void {
    for (const metricName of ['OnFailureDestinationDeliveredEventCount', 'DroppedEventCount']) {
      const metric = new Metric({
        namespace: 'AWS/Lambda',
        metricName,
        dimensionsMap: { EventSourceMappingUUID: source.eventSourceMappingId },
        statistic: Stats.SUM,
        period: FIVE_MINUTES,
      });
      const link = bucketLink(discarded);
      this.raise(`${id}-${metricName}`, ALARMS.discardedChanges, { metric, threshold: 1, link });
    }
  }

  /** Stream records that Lambda has not read yet. */
  streamLag(id: string, reader: IFunction): void {
    const metric = reader.metric('IteratorAge', { statistic: Stats.MAXIMUM, period: FIVE_MINUTES });
    const threshold = Duration.minutes(30).toMilliseconds();
    this.raise(id, ALARMS.streamLag, { metric, threshold, periods: 3, link: functionLink(reader) });
  }

  /** A function that a schedule should call every minute. */
  silence(id: string, kind: AlarmKind, target: IFunction): void {
    const metric = target.metricInvocations({ period: FIVE_MINUTES });
    this.raise(id, kind, { metric, threshold: 1, periods: 3, below: true, link: functionLink(target) });
  }

  /** Executions that ended any other way than well. */
  executions(id: string, kind: AlarmKind, machine: StateMachine): void {
    const ends = {
      Failed: machine.metricFailed({ period: FIVE_MINUTES }),
      TimedOut: machine.metricTimedOut({ period: FIVE_MINUTES }),
      Aborted: machine.metricAborted({ period: FIVE_MINUTES }),
    };
    for (const [end, metric] of Object.entries(ends)) {
      this.raise(`${id}-${end}`, kind, { metric, threshold: 1, link: stateMachineLink(machine) });
    }
  }

  /** Errors that are more than one unlucky invocation: repeats are part of normal life. */
  functionErrors(id: string, target: IFunction): void {
    const metric = target.metricErrors({ period: FIVE_MINUTES });
    this.raise(id, ALARMS.functionErrors, { metric, threshold: 3, periods: 2, link: functionLink(target) });
  }

  private raise(id: string, kind: AlarmKind, watch: Watch): void {
    const alarm = new Alarm(this, id, {
      alarmDescription: this.describe(kind, watch.link),
      metric: watch.metric,
      threshold: watch.threshold,
      evaluationPeriods: watch.periods ?? 1,
      comparisonOperator:
        watch.below === true
          ? ComparisonOperator.LESS_THAN_THRESHOLD
          : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: watch.below === true ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
    if (this.topic === undefined) return;
    alarm.addAlarmAction(new SnsAction(this.topic));
    alarm.addOkAction(new SnsAction(this.topic));
  }

  private describe(kind: AlarmKind, link: string): string {
    const { title, severity, impact } = kind;
    return `${title} (${severity}). ${impact} Runbook: ${this.runbookUrl}#${runbookAnchor(kind)} Look at: ${link}`;
  }
}
