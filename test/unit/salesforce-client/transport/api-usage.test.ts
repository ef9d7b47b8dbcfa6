import { expect, test } from '@jest/globals';
import { ApiUsage } from '../../../../shared/salesforce-client/transport/api-usage.ts';

const LIFE_MS = 5 * 60_000;

test('is that of the org, wherever it is in the header, and not that of one app', () => {
  const usage = new ApiUsage();

  usage.record('per-app-api-usage=1/250(appName=x)', 0);
  expect(usage.read()).toEqual({ calls: 0 });

  usage.record('per-app-api-usage=1/250(appName=x), api-usage=5/100', 0);
  expect(usage.read()).toEqual({ calls: 0, used: 5, max: 100, atMs: 0 });
});

test('is the greatest of the last five minutes', () => {
  const usage = new ApiUsage();
  usage.record('api-usage=5/100', 0);

  usage.record('api-usage=3/100', LIFE_MS);
  expect(usage.read()).toMatchObject({ used: 5, atMs: 0 });

  usage.record('api-usage=3/100', LIFE_MS + 1);
  expect(usage.read()).toMatchObject({ used: 3, atMs: LIFE_MS + 1 });
});
