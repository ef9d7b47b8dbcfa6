import { describe, expect, test } from '@jest/globals';
import { allCauses, type Cause, causeToPark } from '../../../shared/contracts/causes.ts';
import { hint } from '../../../shared/contracts/hints.ts';

const ofRun = (runId: string): Cause => ({ by: 'sweep', runId });

describe('the cause of a hint', () => {
  test.each([
    ['that is not known yet', { by: 'something-new' }],
    ['that is damaged', 'message'],
  ])('%s costs no key', (_what, cause) => {
    const parsed = hint.parse({ kind: 'remote-ids', mappingId: 'c.contact', sfIds: ['003'], cause });

    expect(parsed).toMatchObject({ sfIds: ['003'] });
    expect(parsed).not.toMatchObject({ cause: expect.anything() });
  });

  test('travels with it', () => {
    const asked = { kind: 'remote-ids', mappingId: 'c.contact', sfIds: ['003'], cause: ofRun('run-1') };

    expect(hint.parse(asked)).toEqual(asked);
  });
});

test('of several causes each stands once, and no more than a person reads', () => {
  expect(allCauses([ofRun('a'), { by: 'stream' }], undefined, [ofRun('a'), ofRun('b')])).toEqual([
    ofRun('a'),
    { by: 'stream' },
    ofRun('b'),
  ]);
  expect(allCauses([{ by: 'stream' }], [{ by: 'stream', isWaiting: true }])).toHaveLength(2);
  expect(allCauses(Array.from({ length: 9 }, (_, index) => ofRun(String(index))))).toHaveLength(5);
});

describe('a key is parked with', () => {
  const stream: Cause = { by: 'stream', isWaiting: true };

  test('the cause of the side that waits, as it first was', () => {
    expect(causeToPark([{ by: 'message' }, stream], 'local')).toEqual({ cause: { by: 'stream' } });
    expect(causeToPark([stream, { by: 'message' }], 'remote')).toEqual({ cause: { by: 'message' } });
  });

  test('whatever else called for the look, and never its waking alone', () => {
    expect(causeToPark([{ by: 'woken' }, ofRun('a')], 'local')).toEqual({ cause: ofRun('a') });
    expect(causeToPark([{ by: 'woken' }], 'local')).toEqual({});
  });
});
