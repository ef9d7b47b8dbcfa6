import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SyncError } from '../../../../shared/contracts/next.ts';
import type { CsvCell, CsvRow } from '../../../../shared/contracts/salesforce.ts';
import { readCsv, writeCsv } from '../../../../shared/salesforce-client/csv/csv.ts';
import { rejection } from '../fakes.ts';
import { fixture, replay } from '../fixtures.ts';

async function* inPieces(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  let from = 0;
  for (const cut of [...cuts, bytes.byteLength].sort((a, b) => a - b)) {
    if (cut <= from || cut > bytes.byteLength) continue;
    yield bytes.slice(from, cut);
    from = cut;
  }
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const byteByByte = (bytes: Uint8Array) => inPieces(bytes, [...bytes.keys()]);

async function rowsOf(chunks: AsyncIterable<Uint8Array>): Promise<CsvRow[]> {
  const rows: CsvRow[] = [];
  for await (const row of readCsv(chunks)) rows.push(row);
  return rows;
}

const read = (text: string): Promise<CsvRow[]> => rowsOf(byteByByte(encode(text)));

async function written(
  columns: readonly string[],
  records: readonly Record<string, CsvCell>[],
): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of writeCsv(columns, records)) text += decoder.decode(chunk, { stream: true });
  return text;
}

describe('reading CSV', () => {
  test.each<[string, string, CsvRow[]]>([
    ['nothing', '', []],
    ['a header alone', '"Id","Name"\n', []],
    ['a header alone without a line end', 'Id,Name', []],
    [
      'bare and quoted fields',
      'Id,Name\n"1",Ada\n2,"Bob"\n',
      [
        { Id: '1', Name: 'Ada' },
        { Id: '2', Name: 'Bob' },
      ],
    ],
    ['a last line without its end', 'Id,Name\n1,Ada', [{ Id: '1', Name: 'Ada' }]],
    ['lines that end in CRLF', 'Id,Name\r\n1,"Ada"\r\n', [{ Id: '1', Name: 'Ada' }]],
    ['line ends inside quotes', 'Id,Name\n1,"a\r\nb\nc\rd"\n', [{ Id: '1', Name: 'a\r\nb\nc\rd' }]],
    [
      'doubled quotes and commas',
      'Id,Name\n1,"say ""hi"", ""you"""\n',
      [{ Id: '1', Name: 'say "hi", "you"' }],
    ],
    ['empty fields, bare and quoted, as null', 'Id,A,B\n1,,""\n', [{ Id: '1', A: null, B: null }]],
    ['empty fields at the end', 'Id,A,B\n1,,', [{ Id: '1', A: null, B: null }]],
    ['a single empty column', 'A\n\n""\nx\n', [{ A: null }, { A: null }, { A: 'x' }]],
    [
      'characters of several bytes',
      'Id,N\n1,"Zoë 日本 🦊"\n2,é\n',
      [
        { Id: '1', N: 'Zoë 日本 🦊' },
        { Id: '2', N: 'é' },
      ],
    ],
    ['a byte order mark', '\ufeffId\n1\n', [{ Id: '1' }]],
    ['a column of a parent', 'Id,Account.Name\n1,"x"\n', [{ Id: '1', 'Account.Name': 'x' }]],
  ])('takes %s', async (_, text, rows) => {
    expect(await read(text)).toEqual(rows);
    expect(await rowsOf(inPieces(encode(text), []))).toEqual(rows);
  });

  test.each<[string, string, string]>([
    ['an end inside quotes', 'Id,Name\n1,"Ada', 'CSV_UNCLOSED_QUOTE'],
    ['an end inside quotes behind a doubled one', 'Id,Name\n1,"Ada""', 'CSV_UNCLOSED_QUOTE'],
    ['a short row', 'Id,Name\n1\n', 'CSV_RAGGED'],
    ['a row that was cut off', 'Id,Name\n1,Ada\n2', 'CSV_RAGGED'],
    ['a long row', 'Id,Name\n1,Ada,x\n', 'CSV_RAGGED'],
    ['an empty line between', 'Id,Name\n\n1,Ada\n', 'CSV_RAGGED'],
    ['text behind a closing quote', 'Id,Name\n1,"Ada"x\n', 'CSV_MALFORMED'],
    ['a space behind a closing quote', 'Id,Name\n1,"Ada" \n', 'CSV_MALFORMED'],
    ['a quote inside bare text', 'Id,Name\n1,A"da"\n', 'CSV_MALFORMED'],
    ['a CR alone', 'Id,Name\r1,Ada\r', 'CSV_MALFORMED'],
    ['a CR alone at the end', 'Id,Name\n1,Ada\r', 'CSV_MALFORMED'],
    ['a column that comes twice', 'Id,Id\n1,2\n', 'CSV_BAD_HEADER'],
    ['a page instead of a header', '<html>\n', 'CSV_BAD_HEADER'],
    ['a name that every object has', '__proto__\n1\n', 'CSV_BAD_HEADER'],
  ])('refuses %s', async (_, text, code) => {
    expect(await rejection(read(text))).toMatchObject({ name: 'CsvError', code });
    expect(await rejection(rowsOf(inPieces(encode(text), [])))).toMatchObject({ code });
  });

  test.each([[[0x80]], [[0xc3]], [[0xed, 0xa0, 0x80]], [[0xff, 0xfe]]])(
    'refuses the bytes %p',
    async (bad) => {
      const bytes = Uint8Array.from([...encode('Id\n"'), ...bad, ...encode('"\n')]);

      expect(await rejection(rowsOf(byteByByte(bytes)))).toMatchObject({ code: 'CSV_NOT_UTF8' });
    },
  );

  test('refuses a character that the end cuts off', async () => {
    expect(await rejection(rowsOf(byteByByte(encode('Id\né').slice(0, -1))))).toMatchObject({
      code: 'CSV_NOT_UTF8',
    });
  });

  test('refuses a row without an end before it fills the memory', async () => {
    async function* endless() {
      yield encode('Id\n"');
      for (;;) yield new Uint8Array(65_536).fill(0x61);
    }

    expect(await rejection(rowsOf(endless()))).toMatchObject({ code: 'CSV_ROW_TOO_LONG' });
  });

  test('names no value in its errors', async () => {
    expect(String(await rejection(read('Id,Name\n1,"secret"x\n')))).not.toContain('secret');
  });

  replay('takes the recorded results of a failed row', async () => {
    const rows = await rowsOf(byteByByte(fixture('amp-labs-connectors/bulk/info/partial-failure.csv')));

    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ sf__Id: null, Name: 'Noemi Miller', external_id__c: 'external-id-3' });
    expect(rows[0]?.sf__Error).toMatch(/^INVALID_FIELD:.*--$/);
  });

  replay('takes a recorded file with line ends inside quotes', async () => {
    const rows = await rowsOf(byteByByte(fixture('jsforce/Account_bulk2_test.csv')));

    expect(rows.length).toBeGreaterThan(50);
    expect(rows[0]?.BILLINGSTREET).toBe('345 Shoreline Park\nMountain View, CA 94043\nUSA');
    expect(new Set(rows.map((row) => Object.keys(row).length))).toEqual(new Set([30]));
  });
});

describe('writing CSV', () => {
  test('knows null from unchanged', async () => {
    const text = await written(['Key__c', 'A', 'B', 'C'], [{ Key__c: '1', A: null, C: '' }]);

    expect(text).toBe('Key__c,A,B,C\n1,#N/A,,#N/A\n');
  });

  test.each<[CsvCell, string]>([
    [true, 'true'],
    [false, 'false'],
    [0, '0'],
    [-1.5, '-1.5'],
    [1e21, '1000000000000000000000'],
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['a\nb', '"a\nb"'],
    ['a\rb', '"a\rb"'],
    [' a ', '" a "'],
    ['N/A', 'N/A'],
    ['2024-01-01T00:00:00.000Z', '2024-01-01T00:00:00.000Z'],
  ])('writes %j as %s', async (value, cell) => {
    expect(await written(['A'], [{ A: value }])).toBe(`A\n${cell}\n`);
  });

  test.each([
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    ['#N/A'],
    ['\ud800'],
    [{}],
    [[]],
    [new Date(0)],
    [1n],
    [() => 1],
  ])('refuses %p without quoting it', async (value) => {
    const error = await rejection(written(['A'], [{ A: value as CsvCell }]));

    expect(error).toBeInstanceOf(SyncError);
    expect(String(error)).toBe('CsvError: A value of A cannot be written as CSV');
  });

  test('refuses a header that names no fields', async () => {
    for (const columns of [[], ['a,b'], ['A', 'A'], ['']]) {
      expect(await rejection(written(columns, []))).toMatchObject({ code: 'CSV_BAD_HEADER' });
    }
  });

  test('writes large files in chunks', async () => {
    const records = Array.from({ length: 5_000 }, () => ({ A: 'x'.repeat(50) }));
    const sizes: number[] = [];
    for await (const chunk of writeCsv(['A'], records)) sizes.push(chunk.byteLength);

    expect(sizes.length).toBeGreaterThan(3);
    expect(Math.max(...sizes)).toBeLessThan(70_000);
  });
});

test('what is written is read back, wherever the chunks are cut', async () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', ' ', 'é', '🦊', 'x'), maxLength: 12 }),
  );
  const cell = text.filter((one) => one !== '' && one !== '#N/A' && one.isWellFormed());

  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ A: cell, B__c: fc.option(cell, { nil: undefined }), 'C.D': cell }), {
        maxLength: 6,
      }),
      fc.array(fc.nat(400), { maxLength: 20 }),
      async (records, cuts) => {
        const csv = encode(await written(['A', 'B__c', 'C.D'], records));
        const rows = await rowsOf(inPieces(csv, cuts));

        expect(rows).toEqual(records.map((record) => ({ ...record, B__c: record.B__c ?? null })));
      },
    ),
    { numRuns: 500 },
  );
});
