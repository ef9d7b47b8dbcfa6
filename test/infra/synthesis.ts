import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { SalesforceSyncProps } from '../../infra/salesforce-sync.ts';
import { SyncStack } from '../../infra/sync-stack.ts';
import { defineSyncConfig, type SyncConfigInput } from '../../shared/contracts/sync-config.ts';

/** The folders below `functions` that the stack makes functions of. */
export const ENTRIES = [
  'bulk-cleanup',
  'bulk-step',
  'dispatch',
  'local-changes',
  'oauth-authorize',
  'oauth-callback',
  'operations',
  'outbound-message',
  'sync-worker',
] as const;
export type Entry = (typeof ENTRIES)[number];

export const CONFIG: SyncConfigInput = defineSyncConfig({
  localTables: { contacts: { keyField: 'contactId', tenantField: 'tenantId' } },
  mappings: {
    contact: {
      localTable: 'contacts',
      sfObject: 'Contact',
      fieldMap: { lastName: 'LastName' },
      externalIdField: 'Sync_Key__c',
      schedule: { everyMinutes: 5 },
    },
  },
});

const scratch = mkdtempSync(join(tmpdir(), 'salesforce-sync-infra-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A project whose handlers are empty: what a template says does not depend on what the functions do. */
export const sourceRoot = join(scratch, 'project');
for (const entry of ENTRIES) {
  const folder = join(sourceRoot, 'functions', entry);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'handler.ts'), 'export const handler = () => undefined;\n');
}

/** The stack as an app would make it, in an account and region that do not exist. */
export const aSyncStack = (props: Partial<SalesforceSyncProps> = {}): SyncStack => {
  const app = new App({
    analyticsReporting: false,
    outdir: mkdtempSync(join(scratch, 'out-')),
    // Keeps the packages from being written; their contents have tests of their own.
    context: { 'aws:cdk:bundling-stacks': [] },
  });
  return new SyncStack(app, 'Sync', {
    env: { account: '111122223333', region: 'eu-central-1' },
    sync: { config: CONFIG, sourceRoot, ...props },
  });
};

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

/** A synthesised template, with what the tests ask of it. */
export class SynthesisedTemplate {
  readonly template: Template;
  readonly resources: Readonly<Record<string, Resource>>;

  constructor(stack: SyncStack) {
    this.template = Template.fromStack(stack);
    this.resources = this.template.toJSON().Resources;
  }

  /** Resources of a type by logical id. */
  ofType(type: string): [string, Resource][] {
    return Object.entries(this.resources).filter(([, resource]) => resource.Type === type);
  }

  /** The logical id of the one resource of a type whose logical id begins with this. */
  idOf(type: string, prefix: string): string {
    const ids = this.ofType(type)
      .map(([id]) => id)
      .filter((id) => id.startsWith(prefix));
    if (ids.length !== 1) throw new Error(`${ids.length} resources of ${type} begin with ${prefix}`);
    return String(ids[0]);
  }
}

/** A template value as text, with references as `<LogicalId>` or `<LogicalId.Attribute>`. */
export const asText = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return String(value);
  const [name, argument] = Object.entries(value)[0] ?? [];
  if (name === 'Ref') return `<${String(argument)}>`;
  if (name === 'Fn::GetAtt' && Array.isArray(argument)) return `<${argument.join('.')}>`;
  if (name === 'Fn::Join' && Array.isArray(argument)) {
    return (argument[1] as unknown[]).map(asText).join(String(argument[0]));
  }
  return JSON.stringify(value);
};

export interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: Readonly<Record<string, unknown>>;
}

const listOf = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);

export const actionsOf = ({ Action }: Statement): readonly string[] => listOf(Action);
export const resourcesOf = ({ Resource }: Statement): readonly string[] => listOf(Resource).map(asText);

/** The statements of a role's own policies, by the role's logical id. */
export const statementsByRole = (synthesised: SynthesisedTemplate): Map<string, Statement[]> => {
  const found = new Map<string, Statement[]>();
  for (const [, { Properties }] of synthesised.ofType('AWS::IAM::Policy')) {
    const { Statement } = Properties.PolicyDocument as { Statement: Statement[] };
    for (const role of Properties.Roles as { Ref: string }[]) {
      found.set(role.Ref, [...(found.get(role.Ref) ?? []), ...Statement]);
    }
  }
  return found;
};

/** The logical id of the role of a function, found by the folder that the function tells its logs. */
export const functionOf = (
  synthesised: SynthesisedTemplate,
  entry: Entry,
): { role: string; environment: Record<string, unknown> } => {
  for (const [, { Properties }] of synthesised.ofType('AWS::Lambda::Function')) {
    const { Variables } = Properties.Environment as { Variables: Record<string, unknown> };
    if (Variables.POWERTOOLS_SERVICE_NAME !== entry) continue;
    const role = (Properties.Role as { 'Fn::GetAtt': [string] })['Fn::GetAtt'][0];
    return { role, environment: Variables };
  }
  throw new Error(`no function is made of functions/${entry}`);
};
