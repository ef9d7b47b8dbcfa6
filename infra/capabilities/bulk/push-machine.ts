import { type StateMachine, Succeed, type Wait } from 'aws-cdk-lib/aws-stepfunctions';
import type { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import { BulkMachineParts, type BulkMachineProps } from './machine-parts.ts';

/** A mass push: local items that differ become one Bulk API 2.0 ingest job, whose results are settled row by row. */
export class BulkPushMachine extends Construct {
  readonly machine: StateMachine;
  private readonly parts: BulkMachineParts;

  constructor(scope: Construct, id: string, props: BulkMachineProps) {
    super(scope, id);
    this.parts = new BulkMachineParts(this, props.bulkStep, 'ingest job');
    const finish = this.finishPhase();
    const settle = this.settlePhase(finish);
    const poll = this.pollPhase(settle);
    const submit = this.submitPhase(poll);
    this.machine = this.parts.machine(this.collectPhase(submit), props);
  }

  private collectPhase(submit: LambdaInvoke): LambdaInvoke {
    const collect = this.parts.step('Collect local items', 'collect-push');
    collect.next(
      this.parts.choose('Are all items collected?', {
        more: collect,
        done: submit,
        nothing: new Succeed(this, 'No job needed'),
      }),
    );
    return collect;
  }

  private submitPhase(wait: Wait): LambdaInvoke {
    const submit = this.parts.step('Submit ingest job', 'submit-push');
    const upload = this.parts.step('Upload the CSV', 'upload-push');
    submit.next(this.parts.choose('Is the ingest job submitted?', { submitted: upload }));
    upload.next(this.parts.choose('Is the CSV uploaded?', { submitted: wait }));
    return submit;
  }

  private pollPhase(settle: LambdaInvoke): Wait {
    const wait = this.parts.wait();
    wait
      .next(this.parts.step('Check ingest job', 'poll'))
      .next(this.parts.choose('Is the ingest job done?', { running: wait, complete: settle }));
    return wait;
  }

  private settlePhase(finish: LambdaInvoke): LambdaInvoke {
    const settle = this.parts.step('Settle the results', 'settle-push');
    const settleLater = this.parts.wait('Wait to settle the results').next(settle);
    settle.next(
      this.parts.choose('Are all results settled?', { more: settle, running: settleLater, done: finish }),
    );
    return settle;
  }

  private finishPhase(): LambdaInvoke {
    const finish = this.parts.step('Finish the push', 'finish-push');
    finish.next(this.parts.choose('Is the push finished?', { done: new Succeed(this, 'Pushed') }));
    return finish;
  }
}
