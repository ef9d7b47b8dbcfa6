import { describe, expect, test } from '@jest/globals';
import { CAUSE_KINDS } from '../../../../shared/contracts/causes.ts';
import { HISTORY_EVENTS, HISTORY_RULES, ruleOfReason } from '../../../../shared/sync/history/line.ts';
import { causesInWords, eventInWords, ruleInWords } from '../../../../shared/sync/history/words.ts';
import { REASONS } from '../../../../shared/sync/reconcile/plan.ts';

describe('a person reads', () => {
  test('of an edit its fields alone, and of every other event a sentence of its own', () => {
    expect(eventInWords('edit')).toBeUndefined();
    const others = HISTORY_EVENTS.filter((event) => event !== 'edit').map(eventInWords);
    expect(new Set(others).size).toBe(HISTORY_EVENTS.length - 1);
  });

  test('of every rule another sentence, and that a conflict was decided where one was', () => {
    const sentences = HISTORY_RULES.map((rule) => ruleInWords(rule, 'local'));
    expect(new Set(sentences).size).toBe(HISTORY_RULES.length);
    for (const [index, rule] of HISTORY_RULES.entries())
      expect(sentences[index]?.startsWith('a conflict was decided: ')).toBe(rule in REASONS);
    expect(ruleInWords('salesforceWins', 'local')).toContain(REASONS.salesforceWins);
  });

  test('which side was written', () => {
    const [local, salesforce, neither] = (['local', 'salesforce', 'neither'] as const).map((side) =>
      ruleInWords('alike', side),
    );
    expect(local).toMatch(/; the item got it$/);
    expect(salesforce).toMatch(/; the record in Salesforce got it$/);
    expect(neither).toMatch(/; neither side was written$/);
  });

  test('of every cause what called for the look, with its run, and whether it had to wait', () => {
    const plain = CAUSE_KINDS.map((by) => causesInWords([{ by }]));
    expect(new Set(plain).size).toBe(CAUSE_KINDS.length);
    const [sweep, stream] = [causesInWords([{ by: 'sweep' }]), causesInWords([{ by: 'stream' }])];
    expect(
      causesInWords([
        { by: 'sweep', runId: 'run-1' },
        { by: 'stream', isWaiting: true },
      ]),
    ).toBe(`${sweep} (run-1); ${stream}, and waited`);
  });

  test('that nobody noted a cause where there is none', () => {
    expect(causesInWords([])).toBe('nobody noted what called for it');
  });
});

test('a conflict is kept under the name of its reason, and a reason that is none of ours under none', () => {
  for (const [name, reason] of Object.entries(REASONS)) expect(ruleOfReason(reason)).toBe(name);
  expect(ruleOfReason('a reason of an older version')).toBeUndefined();
});
