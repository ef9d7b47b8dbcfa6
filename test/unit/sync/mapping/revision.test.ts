import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type FieldTriple,
  goingOnAfter,
  type MappingRevision,
  nextRevision,
} from '../../../../shared/sync/mapping/revision.ts';

const EMAIL: FieldTriple = { sfField: 'Email', type: 'text' };
const AGE: FieldTriple = { sfField: 'Age__c', type: 'number' };
const BOTH = { email: EMAIL, age: AGE };

const first = nextRevision(undefined, 'template-1', BOTH);

/** What becomes of the first revision, deployment by deployment. */
const deploy = (
  ...deployments: readonly (readonly [template: string, fields: Readonly<Record<string, FieldTriple>>])[]
): MappingRevision =>
  deployments.reduce<MappingRevision>((before, [template, fields]) => {
    return nextRevision(before, template, fields);
  }, first);

const sinces = ({ fields }: MappingRevision) =>
  Object.fromEntries(Object.entries(fields).map(([attribute, { since }]) => [attribute, since]));

describe('the revision of a mapping', () => {
  test('begins at one, with all of its fields', () => {
    expect(first).toEqual({
      revision: 1,
      fieldsRevision: 1,
      fields: { email: { ...EMAIL, since: 1 }, age: { ...AGE, since: 1 } },
      template: 'template-1',
    });
  });

  test('is the very same where nothing changed, in whatever order the fields come', () => {
    expect(deploy(['template-1', { age: AGE, email: EMAIL }])).toBe(first);
  });

  test('rises with a change of the template alone, and the fields are as known as before', () => {
    expect(deploy(['template-2', BOTH])).toEqual({ ...first, revision: 2, template: 'template-2' });
  });

  test.each([
    ['another Salesforce field', { email: { ...EMAIL, sfField: 'Department' }, age: AGE }],
    ['another type', { email: { ...EMAIL, type: 'datetime' as const }, age: AGE }],
  ])('begins a field anew that has %s, and leaves the others', (_what, fields) => {
    const second = deploy(['template-2', fields]);

    expect(second).toMatchObject({ revision: 2, fieldsRevision: 2 });
    expect(sinces(second)).toEqual({ email: 2, age: 1 });
  });

  test('begins a renamed attribute anew', () => {
    expect(sinces(deploy(['template-2', { mail: EMAIL, age: AGE }]))).toEqual({ mail: 2, age: 1 });
  });

  test('begins a field anew whose type changed in Salesforce, though the template is the same', () => {
    const second = deploy(['template-1', { email: EMAIL, age: { ...AGE, type: 'text' } }]);

    expect(second).toMatchObject({ revision: 2, fieldsRevision: 2 });
    expect(sinces(second)).toEqual({ email: 1, age: 2 });
  });

  test('rises with a field that goes, so that links which still know it are told apart', () => {
    const second = deploy(['template-2', { age: AGE }]);

    expect(second).toMatchObject({ revision: 2, fieldsRevision: 2 });
    expect(sinces(second)).toEqual({ age: 1 });
  });

  test('rises with a field that goes while another comes', () => {
    expect(deploy(['template-2', { email: EMAIL, city: { sfField: 'City', type: 'text' } }])).toMatchObject({
      fieldsRevision: 2,
    });
  });

  test('begins a field anew that was gone and is back', () => {
    expect(sinces(deploy(['template-2', { age: AGE }], ['template-1', BOTH]))).toEqual({ email: 3, age: 1 });
  });

  test('never falls, also after a rollback, and begins the field anew that went back and forth', () => {
    const third = deploy(
      ['template-2', { ...BOTH, email: { ...EMAIL, sfField: 'Department' } }],
      ['template-1', BOTH],
    );

    expect(third).toMatchObject({ revision: 3, fieldsRevision: 3 });
    expect(sinces(third)).toEqual({ email: 3, age: 1 });
  });

  test('takes an attribute for its own name, whatever every object has', () => {
    const second = deploy(['template-1', { ...BOTH, constructor: EMAIL, toString: AGE }]);

    expect(sinces(second)).toEqual({ email: 1, age: 1, constructor: 2, toString: 2 });
  });
});

describe('a revision that was foreseen, and that links are labelled with', () => {
  const OTHER = { ...BOTH, email: { ...EMAIL, sfField: 'Department' } };
  const foreseen = nextRevision(first, 'template-2', OTHER);

  test('changes nothing for what runs, and is what begins where that is deployed', () => {
    expect(nextRevision(first, 'template-1', BOTH, foreseen)).toBe(first);
    expect(nextRevision(first, 'template-2', OTHER, foreseen)).toBe(foreseen);
  });

  test.each([
    ['another one, with a field that both have', OTHER, { email: 2, age: 1 }],
    ['another one, with a field that only the first had', BOTH, { email: 3, age: 1 }],
  ])('comes before %s', (_what, fields, since) => {
    const third = nextRevision(first, 'template-3', fields, foreseen);
    expect(third.revision).toBe(3);
    expect(sinces(third)).toEqual(since);
  });

  test('is read by what runs, which goes on after it, and of what was another field nothing is known', () => {
    const on = goingOnAfter(foreseen, first);
    expect(on).toMatchObject({ revision: 3, fieldsRevision: 3, template: 'template-1' });
    expect(sinces(on)).toEqual({ email: 3, age: 1 });
  });
});

describe('whatever is deployed', () => {
  const triples = fc.record({
    sfField: fc.constantFrom('Email', 'Title'),
    type: fc.constantFrom('text' as const, 'number' as const),
  });
  const deployments = fc.array(
    fc.tuple(
      fc.constantFrom('template-1', 'template-2'),
      fc.dictionary(fc.constantFrom('a', 'b', 'c'), triples, { maxKeys: 3 }),
    ),
    { minLength: 1, maxLength: 8 },
  );

  test('a field is known since the deployment from which on it never was another, or away', () => {
    fc.assert(
      fc.property(deployments, (history) => {
        const revisions: MappingRevision[] = [];
        for (const [template, fields] of history) {
          revisions.push(nextRevision(revisions.at(-1), template, fields));
        }
        const [, fields = {}] = history.at(-1) ?? [];
        const now = revisions.at(-1);
        for (const [attribute, { sfField, type }] of Object.entries(fields)) {
          const other = history.findLastIndex(
            ([, then]) => then[attribute]?.sfField !== sfField || then[attribute].type !== type,
          );
          expect(now?.fields[attribute]).toEqual({ sfField, type, since: revisions[other + 1]?.revision });
        }
        expect(Object.keys(now?.fields ?? {}).sort()).toEqual(Object.keys(fields).sort());
      }),
    );
  });

  test('the numbers never fall, and rise by one at most', () => {
    fc.assert(
      fc.property(deployments, (history) => {
        let before: MappingRevision | undefined;
        for (const [template, fields] of history) {
          const after = nextRevision(before, template, fields);
          const rise = after.revision - (before?.revision ?? 0);
          const isSame =
            before?.template === template && JSON.stringify(sinces(before)) === JSON.stringify(sinces(after));
          expect([0, 1]).toContain(rise);
          if (isSame) expect(after.fieldsRevision).toBe(before?.fieldsRevision);
          expect(after.fieldsRevision).toBeGreaterThanOrEqual(before?.fieldsRevision ?? 1);
          expect(after.fieldsRevision).toBeLessThanOrEqual(after.revision);
          before = after;
        }
      }),
    );
  });
});
