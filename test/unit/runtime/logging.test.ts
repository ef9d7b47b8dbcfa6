import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { SyncError } from '../../../shared/contracts/next.ts';
import { describeError, logError, makeLogger } from '../../../shared/runtime/logging.ts';

const expected = (next: SyncError['next']) =>
  new SyncError('RowLocked', 'row-locked', 'quotes s3cret', next, new Error('quotes s3cret too'));

describe('logging an error', () => {
  const lines: string[] = [];
  const log = {
    info: (what: unknown, extra: unknown) => lines.push(JSON.stringify(['info', what, extra])),
    error: (what: unknown, extra: unknown) => lines.push(JSON.stringify(['error', what, extra])),
  };
  beforeEach(() => {
    lines.length = 0;
  });

  test('says name, code and what happens next, and nothing from outside', () => {
    logError(
      log as Parameters<typeof logError>[0],
      'a hint was put back',
      expected({ do: 'retry', afterMs: 5 }),
    );

    expect(lines).toEqual([
      '["info","a hint was put back",{"error":"RowLocked","code":"row-locked","next":"retry"}]',
    ]);
  });

  test.each(['stop', 'reauthorize'] as const)('that needs a person (%s) is an error', (next) => {
    logError(log as Parameters<typeof logError>[0], 'stopped', expected({ do: next }));

    expect(lines[0]).toMatch(/^\["error"/);
  });

  test('that nobody expected says where it was thrown, without its message', () => {
    const error = new TypeError('first line s3cret\n    at s3cret (second line)');

    const described = describeError(error);

    expect(described.error).toBe('TypeError');
    expect(described.frames?.[0]).toMatch(/^at .*logging\.test/);
    expect(JSON.stringify(described)).not.toContain('s3cret');
    expect(describeError('s3cret')).toEqual({ error: 'string' });
  });

  describe('through Powertools', () => {
    const written: string[] = [];
    beforeEach(() => {
      written.length = 0;
      process.env.POWERTOOLS_DEV = 'true';
      for (const method of ['info', 'error', 'log'] as const) {
        jest.spyOn(console, method).mockImplementation((line: unknown) => {
          written.push(String(line));
        });
      }
    });
    afterEach(() => {
      delete process.env.POWERTOOLS_DEV;
      jest.restoreAllMocks();
    });

    test('is a JSON line with the service’s name and without the message', () => {
      logError(makeLogger('sync-worker'), 'stopped', new Error('s3cret'));

      expect(JSON.parse(written[0] ?? '')).toMatchObject({
        level: 'ERROR',
        message: 'stopped',
        service: 'sync-worker',
        error: 'Error',
      });
      expect(written.join()).not.toContain('s3cret');
    });
  });
});
