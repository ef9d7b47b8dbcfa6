import { expect, test } from '@jest/globals';
import { layers, turnsOf } from '../../../tools/testing/layers.ts';

test('a whole run takes every layer once, and the two that are long at the same time', () => {
  expect(turnsOf(layers)).toEqual([['unit'], ['contract'], ['infra'], ['simulation', 'e2e']]);
});

test('a layer that is asked for by itself runs by itself', () => {
  expect(turnsOf(['e2e'])).toEqual([['e2e']]);
  expect(turnsOf(['unit', 'simulation'])).toEqual([['unit'], ['simulation']]);
});
