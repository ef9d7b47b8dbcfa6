import { expect, test } from '@jest/globals';
import { CALLS_PER_PROCESS } from '../../shared/salesforce-client/transport/call-slots.ts';
import { aSyncStack, SynthesisedTemplate } from './synthesis.ts';

/** Requests of 20 seconds and more at once. @see App Limits Cheat Sheet, "Concurrent API Request Limits" */
const ALLOWED_AT_ONCE = 25;
/** Two steps of bulk jobs, each with a call and a stream. */
const OF_BULK_STEPS = 2 * 2 * CALLS_PER_PROCESS;

test('as many workers as run by default stay below what an org allows at once, beside two steps of bulk jobs', () => {
  const sources = new SynthesisedTemplate(aSyncStack()).ofType('AWS::Lambda::EventSourceMapping');
  const bounds = sources.flatMap(
    ([, { Properties }]) => JSON.stringify(Properties).match(/"MaximumConcurrency":(\d+)/)?.[1] ?? [],
  );

  expect(bounds).toEqual(['20']);
  expect(Number(bounds[0]) * CALLS_PER_PROCESS + OF_BULK_STEPS).toBeLessThan(ALLOWED_AT_ONCE);
});
