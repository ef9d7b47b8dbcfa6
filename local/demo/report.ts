import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { localFolder } from '../../tools/paths.ts';

/** What a step found, each checked before it is said: numbers and short words by name. */
export type Facts = Readonly<Record<string, string | number>>;

interface StepResult {
  readonly title: string;
  readonly ok: boolean;
  readonly seconds: number;
  /** Salesforce API calls that the step cost. */
  readonly calls: number;
  readonly facts: Facts;
  readonly problem?: string;
}

/** Prints the steps as they happen, and keeps them for the summary. */
export class Report {
  readonly #startedAt = Date.now();
  readonly #steps: StepResult[] = [];
  readonly #isTerminal = process.stdout.isTTY === true;

  /** A line below the step that is running; on a terminal it gives way to the next. */
  progress(text: string): void {
    if (this.#isTerminal) process.stdout.write(`\r\x1b[K      … ${text.slice(0, 100)}`);
  }

  /**
   * Runs a step and says what it found.
   *
   * @param calls - reads how many API calls the org has counted so far; undefined while there is no org
   * @throws what the step threw, after it was reported
   */
  async step(title: string, run: () => Promise<Facts>, calls?: () => Promise<number>): Promise<void> {
    const startedAt = Date.now();
    const before = (await calls?.()) ?? 0;
    const number = String(this.#steps.length + 1).padStart(2);
    this.progress(title);
    try {
      const facts = await run();
      const cost = ((await calls?.()) ?? 0) - before;
      const seconds = (Date.now() - startedAt) / 1000;
      this.#steps.push({ title, ok: true, seconds, calls: cost, facts });
      this.#print(
        `${number}  ${title} (${seconds.toFixed(1)} s${calls ? `, ${cost} Salesforce calls` : ''})`,
      );
      for (const [name, value] of Object.entries(facts)) console.log(`      ${name}: ${format(value)}`);
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      const seconds = (Date.now() - startedAt) / 1000;
      this.#steps.push({ title, ok: false, seconds, calls: 0, facts: {}, problem });
      this.#print(`${number}  ${title}: FAILED. ${problem}`);
      throw error;
    }
  }

  /** Writes everything to `.local/summary.json` and says where. */
  finish(addresses: Facts): void {
    const seconds = (Date.now() - this.#startedAt) / 1000;
    const ok = this.#steps.every((step) => step.ok);
    const calls = this.#steps.reduce((sum, step) => sum + step.calls, 0);
    mkdirSync(localFolder, { recursive: true });
    const file = join(localFolder, 'summary.json');
    writeFileSync(
      file,
      `${JSON.stringify({ ok, seconds, calls, steps: this.#steps, addresses }, null, 2)}\n`,
    );
    console.log(
      `\n${ok ? 'Everything as it should be' : 'Not everything went well'}: ` +
        `${this.#steps.length} steps, ${seconds.toFixed(0)} s, ${calls} Salesforce calls. Summary: ${file}`,
    );
  }

  #print(line: string): void {
    console.log(`${this.#isTerminal ? '\r\x1b[K' : ''}${line}`);
  }
}

const format = (value: string | number): string =>
  typeof value === 'number' ? value.toLocaleString('en-US') : value;

/** States what a step found to be so. @throws Error with the sentence where it is not */
export function check(claim: boolean, otherwise: string): asserts claim {
  if (!claim) throw new Error(otherwise);
}
