import { describe, expect, test } from '@jest/globals';
import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { aSyncStack, CONFIG } from './synthesis.ts';

const violationsOf = (stack: ReturnType<typeof aSyncStack>) =>
  new AwsSolutionsChecks(stack)
    .validateScope(stack)
    .violations.map(({ ruleName, violatingResources }) => [
      ruleName,
      violatingResources.map((resource) => resource.resourceLogicalId),
    ]);

const EXISTING_TABLE = 'arn:aws:dynamodb:eu-central-1:111122223333:table/contacts';

describe('the AWS Solutions rule pack', () => {
  test('finds nothing that is not acknowledged with a reason', () => {
    expect(violationsOf(aSyncStack())).toEqual([]);
  });

  test('finds nothing with tables that exist already', () => {
    const existing = {
      tableArn: EXISTING_TABLE,
      streamArn: `${EXISTING_TABLE}/stream/2026-01-01T00:00:00.000`,
    };
    const localTables = { contacts: { keyField: 'contactId', tenant: 'acme', existing } };
    expect(violationsOf(aSyncStack({ config: { ...CONFIG, localTables } }))).toEqual([]);
  });

  test('has only acknowledgements that say why', () => {
    const stack = aSyncStack();
    const reasons = stack.node
      .findAll()
      .flatMap((node) => node.node.metadata)
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.values(data as Record<string, string>));
    expect(reasons.length).toBeGreaterThan(10);
    for (const reason of reasons) expect(reason.length).toBeGreaterThan(20);
  });
});
