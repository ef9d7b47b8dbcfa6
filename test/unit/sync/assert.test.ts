import { expect, test } from '@jest/globals';
import { assert, InvariantError, must, unreachable } from '../../../shared/sync/assert.ts';

test('a mistake of ours says what does not hold, by the code that the alarm goes by', () => {
  const claim = () => assert(false, 'one and one is three');

  expect(claim).toThrow(InvariantError);
  expect(claim).toThrow(
    expect.objectContaining({ name: 'InvariantError', code: 'INVARIANT', message: 'one and one is three' }),
  );
  expect(() => assert(true, 'one and one is two')).not.toThrow();
});

test('what must be there is given back, and neither nothing nor null will do', () => {
  expect([must(0, 'a number'), must('', 'a text'), must(false, 'a claim')]).toEqual([0, '', false]);
  expect(() => must(undefined, 'a value')).toThrow('a value');
  expect(() => must(null, 'a value')).toThrow('a value');
});

test('a branch that cannot be taken throws when it is', () => {
  expect(() => unreachable('a third' as never, 'there are two')).toThrow(new InvariantError('there are two'));
});
