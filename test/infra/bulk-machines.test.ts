import { describe, expect, test } from '@jest/globals';
import { BULK_STEPS, bulkStepEvent } from '../../shared/contracts/bulk-steps.ts';
import { BULK_DEADLINE_MS } from '../../shared/contracts/lifetimes.ts';
import { aSyncStack, asText, SynthesisedTemplate } from './synthesis.ts';

interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly Choices?: readonly (Record<string, unknown> & { readonly Next: string })[];
  readonly Catch?: readonly {
    readonly ErrorEquals: readonly string[];
    readonly Next: string;
    readonly ResultPath: unknown;
  }[];
  readonly Retry?: readonly Record<string, unknown>[];
  readonly Parameters?: { readonly step: string };
  readonly SecondsPath?: string;
  readonly CausePath?: string;
}

interface Definition {
  readonly StartAt: string;
  readonly TimeoutSeconds: number;
  readonly States: Readonly<Record<string, State>>;
}

const synthesised = new SynthesisedTemplate(aSyncStack());

const machineOf = (prefix: string) => {
  const { Properties } =
    synthesised.resources[synthesised.idOf('AWS::StepFunctions::StateMachine', prefix)] ?? {};
  return {
    properties: Properties,
    definition: JSON.parse(asText(Properties?.DefinitionString)) as Definition,
  };
};

const load = machineOf('SyncBulkJobsLoad');
const push = machineOf('SyncBulkJobsPush');
const MACHINES = [
  ['load', load],
  ['push', push],
] as const;

type Answer =
  | { readonly outcome?: string; readonly locator?: string; readonly reason?: string }
  | 'breaks down';

/** Walks a machine; `answers` gives what each step returns, one after another, the last one ever after. */
const walk = (
  { States, StartAt }: Definition,
  answers: Readonly<Record<string, readonly Answer[]>>,
): string[] => {
  const left = new Map(Object.entries(answers).map(([step, list]) => [step, [...list]]));
  let data: Record<string, unknown> = {};
  let name: string | undefined = StartAt;
  const passed: string[] = [];
  while (name !== undefined && passed.length < 100) {
    passed.push(name);
    const state: State | undefined = States[name];
    if (state === undefined) throw new Error(`there is no state "${name}"`);
    if (state.Type === 'Choice') {
      name = state.Choices?.find((choice) => holds(choice, data))?.Next ?? state.Default;
      continue;
    }
    if (state.Type === 'Pass') data = { ...data, reason: 'noted' };
    if (state.Type === 'Task') {
      const list = left.get(state.Parameters?.step ?? '') ?? [];
      const answer = list.length > 1 ? list.shift() : list[0];
      if (answer === undefined) throw new Error(`nobody said what ${state.Parameters?.step} answers`);
      if (answer === 'breaks down') {
        name = state.Catch?.[0]?.Next;
        continue;
      }
      data = { ...answer };
    }
    name = state.Next;
  }
  return passed;
};

const holds = (choice: Record<string, unknown>, data: Record<string, unknown>): boolean => {
  if (Array.isArray(choice.And)) return choice.And.every((part) => holds(part, data));
  const value = data[String(choice.Variable).replace('$.', '')];
  return 'IsPresent' in choice ? (value !== undefined) === choice.IsPresent : value === choice.StringEquals;
};

const outcomes = (...names: readonly string[]): Answer[] => names.map((outcome) => ({ outcome }));

describe('both machines', () => {
  test.each(MACHINES)('%s: every state can be reached and leads somewhere', (_name, { definition }) => {
    const { States, StartAt } = definition;
    const reached = new Set<string>([StartAt]);
    for (const name of reached) {
      const state = States[name];
      expect(state).toBeDefined();
      const next = [
        state?.Next,
        state?.Default,
        ...(state?.Choices ?? []).map((c) => c.Next),
        ...(state?.Catch ?? []).map((c) => c.Next),
      ];
      for (const one of next) if (one !== undefined) reached.add(one);
      expect(next.some((one) => one !== undefined) || ['Succeed', 'Fail'].includes(state?.Type ?? '')).toBe(
        true,
      );
    }
    expect(Object.keys(States).sort()).toEqual([...reached].sort());
  });

  test.each(MACHINES)(
    '%s: every step is repeated with patience and caught without its text',
    (_name, { definition }) => {
      const tasks = Object.values(definition.States).filter(({ Type }) => Type === 'Task');
      expect(tasks.length).toBeGreaterThan(4);
      for (const { Retry, Catch } of tasks) {
        expect(Retry).toEqual([
          {
            ErrorEquals: ['States.ALL'],
            IntervalSeconds: 5,
            MaxAttempts: 4,
            BackoffRate: 3,
            JitterStrategy: 'FULL',
          },
        ]);
        expect(Catch).toEqual([{ ErrorEquals: ['States.ALL'], ResultPath: null, Next: expect.any(String) }]);
      }
    },
  );

  test.each(MACHINES)('%s: hands over what the function expects', (_name, { definition }) => {
    for (const { Type, Parameters } of Object.values(definition.States)) {
      if (Type !== 'Task') continue;
      const { step, 'state.$': state } = Parameters as unknown as { step: string; 'state.$': string };
      expect(state).toBe('$');
      expect(bulkStepEvent.safeParse({ step, state: { bulkJobId: 'b', mappingId: 'm' } }).success).toBe(true);
    }
  });

  test.each(MACHINES)(
    '%s: lives longer than its job, logs no data and is traced',
    (_name, { definition, properties }) => {
      expect(definition.TimeoutSeconds * 1000).toBeGreaterThan(BULK_DEADLINE_MS);
      expect(properties).toMatchObject({
        LoggingConfiguration: { IncludeExecutionData: false, Level: 'ALL' },
        TracingConfiguration: { Enabled: true },
      });
      expect(properties).not.toHaveProperty('StateMachineType');
    },
  );

  test('do every step that there is', () => {
    const steps = MACHINES.flatMap(([, { definition }]) => Object.values(definition.States)).flatMap(
      ({ Parameters }) => Parameters?.step ?? [],
    );
    expect([...new Set(steps)].sort()).toEqual([...BULK_STEPS].sort());
  });
});

describe('a bulk load', () => {
  test('waits until the job is done and reconciles page after page', () => {
    const passed = walk(load.definition, {
      'submit-load': outcomes('submitted'),
      poll: outcomes('running', 'complete'),
      'fetch-page': outcomes('page'),
      'reconcile-page': [
        { outcome: 'more', locator: 'next' },
        { outcome: 'done', locator: 'next' },
        { outcome: 'done' },
      ],
      'finish-load': outcomes('done'),
    });
    expect(passed.filter((name) => !name.endsWith('?'))).toEqual([
      'Submit query job',
      'Wait for Salesforce',
      'Check query job',
      'Wait for Salesforce',
      'Check query job',
      'Fetch a page of results',
      'Reconcile the page',
      'Reconcile the page',
      'Fetch a page of results',
      'Reconcile the page',
      'Finish the load',
      'Loaded',
    ]);
  });

  test.each(['failed', 'overdue', 'stopped'])(
    'aborts the job and fails with the reason when it is %s',
    (outcome) => {
      const passed = walk(load.definition, {
        'submit-load': outcomes('submitted'),
        poll: [{ outcome, reason: 'because' }],
        abort: [{ outcome, reason: 'because' }],
      });
      expect(passed.slice(-3)).toEqual(['Abort the query job', 'Is the reason known?', 'Given up']);
      expect(load.definition.States['Given up']).toMatchObject({ Type: 'Fail', CausePath: '$.reason' });
    },
  );

  test('aborts the job when a step breaks down for good', () => {
    const passed = walk(load.definition, {
      'submit-load': ['breaks down'],
      abort: [{ outcome: 'failed', reason: 'because' }],
    });
    expect(passed).toEqual([
      'Submit query job',
      'Note the breakdown',
      'Abort the query job',
      'Is the reason known?',
      'Given up',
    ]);
  });

  test('fails even if the job cannot be aborted', () => {
    const passed = walk(load.definition, { 'submit-load': outcomes('stopped'), abort: ['breaks down'] });
    expect(passed.at(-1)).toBe('Could not abort');
  });

  test('waits before a page that it cannot have now, and goes on with it', () => {
    const passed = walk(load.definition, {
      'submit-load': outcomes('submitted'),
      poll: outcomes('complete'),
      'fetch-page': outcomes('running', 'page'),
      'reconcile-page': outcomes('running', 'running', 'done'),
      'finish-load': outcomes('done'),
    });
    expect(passed.filter((name) => !name.endsWith('?')).slice(3)).toEqual([
      'Fetch a page of results',
      'Wait to fetch the page',
      'Fetch a page of results',
      'Reconcile the page',
      'Wait to reconcile the page',
      'Reconcile the page',
      'Wait to reconcile the page',
      'Reconcile the page',
      'Finish the load',
      'Loaded',
    ]);
  });

  test.each(MACHINES)('%s: waits as long as the last step says', (_name, { definition }) => {
    const waits = Object.values(definition.States).filter(({ Type }) => Type === 'Wait');
    expect(waits.length).toBeGreaterThan(1);
    for (const wait of waits) expect(wait).toMatchObject({ SecondsPath: '$.waitSeconds' });
  });
});

describe('a bulk push', () => {
  test('collects, submits, uploads, waits and settles', () => {
    const passed = walk(push.definition, {
      'collect-push': outcomes('more', 'done'),
      'submit-push': outcomes('submitted'),
      'upload-push': outcomes('submitted'),
      poll: outcomes('complete'),
      'settle-push': outcomes('more', 'done'),
      'finish-push': outcomes('done'),
    });
    expect(passed.filter((name) => !name.endsWith('?'))).toEqual([
      'Collect local items',
      'Collect local items',
      'Submit ingest job',
      'Upload the CSV',
      'Wait for Salesforce',
      'Check ingest job',
      'Settle the results',
      'Settle the results',
      'Finish the push',
      'Pushed',
    ]);
  });

  test('ends well at once where nothing is to be pushed', () => {
    expect(walk(push.definition, { 'collect-push': outcomes('nothing') }).at(-1)).toBe('No job needed');
  });
});
