import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { ALARMS, runbookAnchor } from '../../infra/monitoring/alarm-catalogue.ts';
import { aSyncStack, asText, ENTRIES, SynthesisedTemplate } from './synthesis.ts';

interface AlarmProperties {
  readonly AlarmDescription: unknown;
  readonly MetricName: string;
  readonly Dimensions: readonly { readonly Name: string; readonly Value: unknown }[];
  readonly Threshold: number;
  readonly TreatMissingData: string;
}

const synthesised = new SynthesisedTemplate(aSyncStack());
const alarms = synthesised
  .ofType('AWS::CloudWatch::Alarm')
  .map(([, { Properties }]) => Properties as unknown as AlarmProperties);
const described = alarms.map(({ AlarmDescription }) => asText(AlarmDescription));

const watching = (metric: string, resource: string): readonly AlarmProperties[] =>
  alarms.filter(
    ({ MetricName, Dimensions }) =>
      MetricName === metric && Dimensions.some(({ Value }) => asText(Value).includes(resource)),
  );

describe('alarms', () => {
  test('go off at the first message in any dead-letter queue', () => {
    const queues = synthesised.ofType('AWS::SQS::Queue').map(([id]) => id);
    const dead = queues.filter((id) => id.includes('DeadLetters'));
    expect(dead).toHaveLength(3);
    for (const id of dead) {
      const [alarm, ...others] = watching('ApproximateNumberOfMessagesVisible', id);
      expect(others).toEqual([]);
      expect(alarm).toMatchObject({ Threshold: 1, TreatMissingData: 'notBreaching' });
    }
  });

  test('go off when hints wait, changes are late or discarded, and nothing is dispatched', () => {
    expect(watching('ApproximateAgeOfOldestMessage', 'SyncHintsQueue')).toHaveLength(1);
    expect(watching('IteratorAge', 'SyncLocalChangesReader')).toHaveLength(1);
    expect(watching('OnFailureDestinationDeliveredEventCount', 'SyncLocalChangescontacts')).toHaveLength(1);
    expect(watching('DroppedEventCount', 'SyncLocalChangescontacts')).toHaveLength(1);
    expect(watching('Invocations', 'SyncSchedulesDispatch')).toEqual([
      expect.objectContaining({ Threshold: 1, TreatMissingData: 'breaching' }),
    ]);
  });

  test.each(['Load', 'Push'])('go off however a bulk %s ends badly', (machine) => {
    for (const end of ['ExecutionsFailed', 'ExecutionsTimedOut', 'ExecutionsAborted']) {
      expect(watching(end, `SyncBulkJobs${machine}`)).toHaveLength(1);
    }
  });

  test('watch every function', () => {
    const watched = alarms.filter(({ MetricName }) => MetricName === 'Errors');
    expect(watched).toHaveLength(ENTRIES.length);
  });

  test('say how bad it is, what is lost, what to do and where to look, in the 1,024 characters they have', () => {
    const kinds = Object.values(ALARMS);
    expect(described.length).toBeGreaterThan(kinds.length);
    for (const text of described) {
      const kind = kinds.find(({ title }) => text.startsWith(title));
      expect(text).toContain(`(${kind?.severity}). ${kind?.impact}`);
      expect(text).toMatch(/Runbook: docs\/runbook\.md#[a-z0-9-]+ Look at: https:\/\//);
      expect(text.length).toBeLessThan(900);
    }
  });

  test('are all used', () => {
    for (const { title } of Object.values(ALARMS)) {
      expect(described.some((text) => text.startsWith(title))).toBe(true);
    }
  });

  test('have a heading each in the runbook, with what to look at and what to do', () => {
    const runbook = readFileSync(join(process.cwd(), 'docs/runbook.md'), 'utf8');
    for (const kind of Object.values(ALARMS)) {
      const [, section = ''] = runbook.split(`\n## ${kind.title}\n`);
      const [body = ''] = section.split('\n## ');
      expect([kind.title, runbookAnchor(kind), body]).toEqual([
        kind.title,
        expect.stringMatching(/^[a-z0-9-]+$/),
        expect.stringMatching(/\*\*Look\*\*[\s\S]*\*\*Do\*\*/),
      ]);
    }
  });

  test('tell a topic when there is one, and have the links of another runbook', () => {
    const topicStack = new Stack();
    const topic = Topic.fromTopicArn(topicStack, 'Topic', 'arn:aws:sns:eu-central-1:111122223333:on-call');
    const told = new SynthesisedTemplate(
      aSyncStack({ alarmTopic: topic, runbookUrl: 'https://wiki.example.com/sync' }),
    );
    for (const [, { Properties }] of told.ofType('AWS::CloudWatch::Alarm')) {
      expect(Properties.AlarmActions).toEqual([topic.topicArn]);
      expect(Properties.OKActions).toEqual([topic.topicArn]);
      expect(asText(Properties.AlarmDescription)).toContain('https://wiki.example.com/sync#');
    }
  });
});
