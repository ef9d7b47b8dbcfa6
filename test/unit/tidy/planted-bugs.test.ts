import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { ADAPTER_BUGS } from '../../contract/planted/adapter-bugs.ts';
import { FINDABLE_BUGS, PLANTED_BUGS } from '../../simulation/planted/bugs.ts';
import { storedSeeds } from '../../simulation/planted/found.ts';

test.each([...PLANTED_BUGS, ...ADAPTER_BUGS].map((bug) => [bug.name, bug] as const))(
  'the place where %s is planted is there, once',
  (_, { edits }) => {
    for (const { file, find } of edits) expect(readFileSync(file, 'utf8').split(find)).toHaveLength(2);
  },
);

test('a seed is stored of each planted bug, by their names in order', () => {
  expect(Object.keys(storedSeeds())).toEqual(FINDABLE_BUGS.map(({ name }) => name).sort());
});
