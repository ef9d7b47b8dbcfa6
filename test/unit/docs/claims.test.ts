import { globSync, readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { operation } from '../../../functions/operations/event.ts';
import { parseSyncConfig } from '../../../infra/sync-config/check-sync-config.ts';
import { METRICS, METRICS_NAMESPACE } from '../../../shared/contracts/metrics.ts';
import { fieldMapping, localTable, mappingTemplate } from '../../../shared/contracts/sync-config.ts';
import { between, fences, firstCells, inlineCode, pages, readPage, rows, tables } from './markdown.ts';

const README = readPage('README.md');
const CONFIGURATION = readPage('docs/configuration.md');
const OPERATING = readPage('docs/operating.md');
const all = pages();

/** All of the product and its tools, not its tests. */
const sources = globSync('{infra,functions,shared,cli,simulated-org,local,tools}/**/*.{ts,mjs}')
  .map((path) => readFileSync(path, 'utf8'))
  .join('\n');

/** The two values of a rejection's `by`, which stand beside the names of its fields. */
const REFUSERS = ['salesforce', 'local-rules'];

/** An example's value; what it imports is left out, since a config needs nothing of it. */
const configIn = (snippet: string): unknown => {
  const expression = snippet.replace(/^ *import .*$/gm, '').replace('export default', 'config =');
  const sandbox: Record<string, unknown> = { defineSyncConfig: (value: unknown) => value, config: undefined };
  runInNewContext(expression, sandbox);
  return JSON.parse(JSON.stringify(sandbox.config));
};

/** The `readonly` fields of an interface or class, by the line that begins it. */
const fieldsOf = (path: string, opening: string): string[] => {
  const [, after = ''] = readFileSync(path, 'utf8').split(`${opening} {`);
  const [body = ''] = after.split('\n}');
  return [...body.matchAll(/^ {2}readonly (\w+)/gm)].map(([, name = '']) => name);
};

const codesIn = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

describe('a sync config that is shown', () => {
  const snippets = all.flatMap((page) =>
    fences(page, 'ts')
      .filter((code) => code.includes('defineSyncConfig('))
      .map((code) => [page.path, code] as const),
  );

  test('stands in the reference', () => {
    expect(snippets.map(([path]) => path)).toContain('docs/configuration.md');
  });

  test.each(snippets)('in %s is right', (_path, code) => {
    expect(parseSyncConfig(configIn(code)).mappings).not.toEqual({});
  });
});

test('the first item that a newcomer writes fits the first config', () => {
  const page = readPage('docs/first-deployment.md');
  const [snippet = ''] = fences(page, 'ts');
  const { localTables, mappings } = parseSyncConfig(configIn(snippet));
  const [, json = ''] = /--item '(\{.+\})'/.exec(page.text) ?? [];
  const item = JSON.parse(json) as Record<string, object>;

  const { keyField = '', tenantField = '' } = localTables.contacts ?? {};
  const mapped = Object.keys(mappings.contact?.fieldMap ?? {});
  expect(Object.keys(item)).toEqual(expect.arrayContaining([keyField, tenantField]));
  expect([keyField, tenantField, ...mapped]).toEqual(expect.arrayContaining(Object.keys(item)));
  expect(Object.values(item).map((value) => Object.keys(value))).toEqual(Object.keys(item).map(() => ['S']));
});

describe('the reference of the sync config', () => {
  test('names every option of a local table, and no other', () => {
    const table = between(CONFIGURATION, '**`localTables.<name>`**', '**`mappings.<name>`**');
    expect(firstCells(table).sort()).toEqual(Object.keys(localTable.def.shape).sort());
  });

  test('names every option of a mapping, and no other', () => {
    const table = between(CONFIGURATION, '**`mappings.<name>`**', 'No option is accepted');
    expect(firstCells(table).sort()).toEqual(Object.keys(mappingTemplate.def.shape).sort());
  });

  test('names every option of a field, and no other', () => {
    const table = between(CONFIGURATION, '## Fields', '## The app');
    expect(firstCells(table).sort()).toEqual(Object.keys(fieldMapping.def.shape).sort());
  });

  test('is right about required options and defaults', () => {
    const table = between(CONFIGURATION, '**`mappings.<name>`**', 'No option is accepted');
    const told = rows(table).map(([option = '', byDefault = '']) => [option.replaceAll('`', ''), byDefault]);
    const required = told.flatMap(([option = '', byDefault]) => (byDefault === 'required' ? [option] : []));
    const defaults = told.flatMap(([option = '', byDefault = '']) => {
      const [, value] = /^`(.+)`$/.exec(byDefault) ?? [];
      return value === undefined ? [] : [[option, value]];
    });

    const empty = mappingTemplate.safeParse({});
    const missing = empty.success ? [] : empty.error.issues.map(({ path }) => String(path[0]));
    expect(required.sort()).toEqual(missing.sort());

    const parsed = mappingTemplate.parse({
      localTable: 'contacts',
      sfObject: 'Contact',
      fieldMap: { lastName: 'LastName' },
      schedule: { everyMinutes: 5 },
    });
    const filledIn = Object.entries(parsed).filter(([option]) => !missing.includes(option));
    expect(Object.fromEntries(defaults)).toEqual(
      Object.fromEntries(filledIn.map(([option, value]) => [option, String(value)])),
    );
  });
});

test('the reference lists every prop of the construct, and no other', () => {
  const source = readFileSync('infra/salesforce-sync.ts', 'utf8');
  const [, props = ''] = /export interface SalesforceSyncProps \{([\s\S]*?)\n\}/.exec(source) ?? [];
  const names = [...props.matchAll(/^ {2}readonly (\w+)/gm)].map(([, name]) => name);
  const table = between(CONFIGURATION, '| prop | default |', 'The parts are public');
  expect(firstCells(table).sort()).toEqual(names.sort());
});

test('the reference names parts of the construct that are public', () => {
  const source = readFileSync('infra/salesforce-sync.ts', 'utf8');
  const [, body = ''] = /export class SalesforceSync [^{]+\{([\s\S]*?) {2}constructor\(/.exec(source) ?? [];
  const parts = [...body.matchAll(/^ {2}readonly (\w+)/gm)].map(([, name]) => name);
  const [, sentence = ''] = /The parts are public: (.*?) and the others/.exec(CONFIGURATION.text) ?? [];
  const named = [...sentence.matchAll(/`(\w+)`/g)].map(([, name]) => name);
  expect(parts).toEqual(expect.arrayContaining(named));
  expect(named).not.toEqual([]);
});

test('the reference lists every setting of the app, and no other', () => {
  const source = readFileSync('infra/app.ts', 'utf8');
  const read = [...source.matchAll(/setting\('(\w+)', '(\w+)'\)/g)].map(([, variable, context]) => [
    variable,
    context,
  ]);
  const table = between(CONFIGURATION, '| variable | context |', 'Where both are given');
  const rows = [...table.matchAll(/^\| `(\w+)` \| `(\w+)` \|/gm)].map(([, variable, context]) => [
    variable,
    context,
  ]);
  expect(rows.sort()).toEqual(read.sort());
});

test('the reference lists every output of the stack, and no other', () => {
  const source = readFileSync('infra/sync-stack.ts', 'utf8');
  const outputs = [...source.matchAll(/^ {6}(\w+): \{/gm)].map(([, name]) => name);
  const [, table = ''] = CONFIGURATION.text.split('## Outputs of the stack');
  expect(firstCells(table).sort()).toEqual(outputs.sort());
});

describe('an operation that is shown', () => {
  const shown = all.flatMap((page) =>
    [...page.text.matchAll(/'(\{"action":[^'\n]+\})'/g)].map(([, json = '']) => [page.path, json] as const),
  );

  test.each(shown)('in %s is understood: %s', (_path, json) => {
    expect(operation.safeParse(JSON.parse(json))).toMatchObject({ success: true });
  });

  const operations = operation.def.options.map(({ def }) => {
    const { action, ...input } = def.shape;
    return { action: action.def.values[0], input: Object.keys(input).sort() };
  });

  test('has a row in the reference with all that it takes, as has every other', () => {
    const table = rows(between(OPERATING, '| `action` |', 'A `mappingId` is'));
    const told = table
      .filter(([action]) => action !== '`action`')
      .map(([action = '', input = '']) => ({ action: codesIn(action)[0], input: codesIn(input).sort() }));
    expect(told).toEqual(expect.arrayContaining(operations));
    expect(told).toHaveLength(operations.length);
  });

  test('is one of an example for each, with all that it takes', () => {
    const examples = shown
      .filter(([path]) => path === OPERATING.path)
      .map(([, json]) => {
        const { action, ...input } = JSON.parse(json) as Record<string, unknown>;
        return { action, input: Object.keys(input) };
      });
    // Of two names of a record one is given, so that both take an example of their own.
    const taken = [...Map.groupBy(examples, ({ action }) => action)].map(([action, some]) => ({
      action,
      input: [...new Set(some.flatMap(({ input }) => input))].sort(),
    }));
    expect(taken).toEqual(expect.arrayContaining(operations));
  });
});

describe('the page for operators is right about', () => {
  const told = (from: string, to: string) => codesIn(between(OPERATING, from, to));

  test('the fields of a conflict and of a rejection', () => {
    const journal = 'shared/use-cases/ports/journal.ts';
    const conflict = fieldsOf(journal, 'export interface Conflict');
    const rejection = fieldsOf(journal, 'export interface Rejection');
    expect(conflict).toEqual(expect.arrayContaining(told('A conflict is one', 'in words')));
    const named = told('A rejection is a record', 'Correct the item').filter(
      (code) => !REFUSERS.includes(code),
    );
    expect(rejection).toEqual(expect.arrayContaining(named));
  });

  test('every status of a connection', () => {
    const source = readFileSync('shared/sync/model/connection.ts', 'utf8');
    const [, union = ''] = /export type ConnectionStatus = ([^;]+);/.exec(source) ?? [];
    const statuses = [...union.matchAll(/'([\w-]+)'/g)].map(([, status]) => status);
    const [, ...rowsTold] = firstCells(
      between(OPERATING, '| `status` | means |', 'When a new authorisation'),
    );
    expect(rowsTold.sort()).toEqual(statuses.sort());
  });

  test('every metric', () => {
    const [namespace, ...metrics] = told('**CloudWatch metrics**', '**X-Ray**');
    expect(namespace).toBe(METRICS_NAMESPACE);
    expect(metrics.sort()).toEqual(Object.values(METRICS).sort());
  });

  test('every place where what failed is kept', () => {
    const source = readFileSync('infra/sync-stack.ts', 'utf8');
    const places = [...source.matchAll(/^ {6}(\w+(?:DeadLetters|Discarded)\w*|Discarded\w+): \{/gm)];
    const table = between(OPERATING, '| output | holds |', 'A redrive sends');
    expect(firstCells(table).sort()).toEqual(places.map(([, name]) => name).sort());
  });
});

test.each(all.map((page) => [page.path, page] as const))(
  'every row of a table in %s has as many cells as its heading',
  (_path, page) => {
    const uneven = tables(page).filter(([columns, ...rows]) => rows.some((cells) => cells !== columns));
    expect(uneven).toEqual([]);
  },
);

describe('every page is right that there is', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };

  test.each(all.map((page) => [page.path, page] as const))('each npm script that %s names', (_path, page) => {
    const named = [...page.text.matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g)].map(
      ([, run, short]) => run ?? short ?? '',
    );
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  test.each(all.map((page) => [page.path, page] as const))('each variable that %s names', (_path, page) => {
    const named = [...page.text.matchAll(/\bSALESFORCE_[A-Z_]+\b/g)].map(([name]) => name);
    const unread = named.filter((name) => !sources.includes(`'${name}'`) && !sources.includes(`env.${name}`));
    expect(unread).toEqual([]);
  });

  test.each(all.map((page) => [page.path, page] as const))(
    'each code in capitals that %s names',
    (_path, page) => {
      // The runbook's shell variables are the reader's own.
      if (page.path === 'docs/runbook.md') return;
      const named = inlineCode(page).filter((code) => /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/.test(code));
      const known = sources.toUpperCase();
      expect(named.filter((name) => !known.includes(name))).toEqual([]);
    },
  );
});

describe('the README is right about', () => {
  test('the steps of the demonstration, in their order', () => {
    const titles = [...readFileSync('local/start.ts', 'utf8').matchAll(/step\(\s*(['"])(.+?)\1,/g)].map(
      ([, , title]) => title,
    );
    const [shown = ''] = fences(README, 'text');
    const steps = shown
      .trimEnd()
      .split('\n')
      .map((line) => /^ *(\d+) {2}(.+)$/.exec(line));
    expect(steps.map((step) => step?.[2])).toEqual(titles.slice(-steps.length));
    expect(Number(steps.at(-1)?.[1])).toBe(titles.length);
  });

  test('the functions in its picture', () => {
    const [picture = ''] = fences(README, 'mermaid');
    const folders = globSync('functions/*/handler.ts').map((path) => path.split('/')[1] ?? '');
    // The clean-up is no part of the way that a record takes.
    expect(folders.filter((folder) => folder !== 'bulk-cleanup' && !picture.includes(folder))).toEqual([]);
  });
});
