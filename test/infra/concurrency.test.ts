import { expect, test } from '@jest/globals';
import { LONG_REQUESTS, maxWorkers } from '../../shared/salesforce-client/transport/call-slots.ts';
import { aSyncStack, SynthesisedTemplate } from './synthesis.ts';

test('as many workers as run by default stay below what an org allows at once, beside two steps of bulk jobs', () => {
  const sources = new SynthesisedTemplate(aSyncStack()).ofType('AWS::Lambda::EventSourceMapping');
  const bounds = sources.flatMap(
    ([, { Properties }]) => JSON.stringify(Properties).match(/"MaximumConcurrency":(\d+)/)?.[1] ?? [],
  );

  expect(bounds).toEqual(['20']);
  expect(Number(bounds[0])).toBeLessThanOrEqual(maxWorkers(LONG_REQUESTS.production, 2));
});
