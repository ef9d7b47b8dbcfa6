import { expect, test } from '@jest/globals';
import {
  CountedRowsMissing,
  IdsOutOfOrder,
  NoTurn,
  PageRepeated,
} from '../../../../shared/use-cases/reconciliation/errors.ts';

test.each([
  [new PageRepeated(), 'PageRepeated', 'PAGE_REPEATED', { do: 'restart' }, /^A page .+\.$/],
  [
    new CountedRowsMissing(),
    'CountedRowsMissing',
    'QUERY_INCOMPLETE',
    { do: 'retry', afterMs: 1_000 },
    /^Records .+ none\.$/,
  ],
  [
    new IdsOutOfOrder(),
    'IdsOutOfOrder',
    'IDS_OUT_OF_ORDER',
    { do: 'stop' },
    /^Records .+ order of their ids\.$/,
  ],
  [new NoTurn('ORG_SILENT', 5), 'NoTurn', 'ORG_SILENT', { do: 'retry', afterMs: 5 }, /ORG_SILENT/],
])('an error says by name and code what happened, and what to do: %s', (error, name, code, next, message) => {
  expect(error).toMatchObject({ name, code, next });
  expect(error.message).toMatch(message);
});
