import { Choice, Condition, type StateMachine, Succeed, type Wait } from 'aws-cdk-lib/aws-stepfunctions';
import type { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import { BulkMachineParts, type BulkMachineProps } from './machine-parts.ts';

/** An initial load: a Bulk API 2.0 query job from submission to the last reconciled page. */
export class BulkLoadMachine extends Construct {
  readonly machine: StateMachine;
  private readonly parts: BulkMachineParts;

  constructor(scope: Construct, id: string, props: BulkMachineProps) {
    super(scope, id);
    this.parts = new BulkMachineParts(this, props.bulkStep, 'query job');
    const finish = this.finishPhase();
    const pages = this.pagesPhase(finish);
    const poll = this.pollPhase(pages);
    this.machine = this.parts.machine(this.submitPhase(poll), props);
  }

  private submitPhase(wait: Wait): LambdaInvoke {
    const submit = this.parts.step('Submit query job', 'submit-load');
    submit.next(this.parts.choose('Is the query job submitted?', { submitted: wait }));
    return submit;
  }

  private pollPhase(pages: LambdaInvoke): Wait {
    const wait = this.parts.wait();
    wait
      .next(this.parts.step('Check query job', 'poll'))
      .next(this.parts.choose('Is the query job done?', { running: wait, complete: pages }));
    return wait;
  }

  /** A page is reconciled in as many steps as it takes before the next one is fetched. */
  private pagesPhase(finish: LambdaInvoke): LambdaInvoke {
    const fetch = this.parts.step('Fetch a page of results', 'fetch-page');
    const reconcile = this.parts.step('Reconcile the page', 'reconcile-page');
    const morePages = new Choice(this, 'More pages?')
      .when(Condition.isPresent('$.locator'), fetch)
      .otherwise(finish);
    const fetchLater = this.parts.wait('Wait to fetch the page').next(fetch);
    const reconcileLater = this.parts.wait('Wait to reconcile the page').next(reconcile);
    fetch.next(this.parts.choose('Is a page there?', { page: reconcile, running: fetchLater, done: finish }));
    reconcile.next(
      this.parts.choose('Is the page reconciled?', {
        more: reconcile,
        running: reconcileLater,
        done: morePages,
      }),
    );
    return fetch;
  }

  private finishPhase(): LambdaInvoke {
    const finish = this.parts.step('Finish the load', 'finish-load');
    finish.next(this.parts.choose('Is the load finished?', { done: new Succeed(this, 'Loaded') }));
    return finish;
  }
}
