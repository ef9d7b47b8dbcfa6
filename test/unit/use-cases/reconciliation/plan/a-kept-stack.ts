import { must } from '../../../../../shared/sync/assert.ts';
import { aConfig, aStack, type StackOptions } from '../schedules/a-stack.ts';
import { planning } from './a-planned-stack.ts';

export const KEPT = { history: { days: 30, keep: 'values' } } as const;
type Template = Parameters<typeof aConfig>[0];

/** Ann, Bob and Carla in step, their history kept with values; from `since` on something is done to them. */
export async function aKeptStack(contact: NonNullable<Template>[string] = {}, options: StackOptions = {}) {
  const stack = aStack({ config: aConfig({ contact: { ...KEPT, ...contact } }), ...options });
  const ids = Object.fromEntries(
    ['ann', 'bob', 'carla'].map((key) => [
      key,
      stack.org.insert({ LastName: key, Title: 'CTO', External_Id__c: key }),
    ]),
  );
  await stack.passes(30);
  const since = stack.clock.now();
  stack.clock.advance(60_000);
  const record = (key: string) => {
    const links = [stack.link(key)?.sfId, ids[key]].filter((id) => id !== undefined);
    return links.map((id) => stack.org.records.get(id)).find((one) => one?.IsDeleted === false);
  };
  const title = (key: string) => [stack.item(key)?.title, record(key)?.fields.Title];
  return {
    ...stack,
    ...planning(stack),
    stack,
    idOf: (key: string) => must(ids[key], 'a record'),
    since,
    record,
    title,
  };
}

export const actionsOf = async ({ entries }: Pick<ReturnType<typeof planning>, 'entries'>) =>
  Object.fromEntries((await entries()).map(({ key, actions }) => [key, actions]));

/**
 * Has the worker die before, or after, a call that decides about an undo.
 *
 * @param death - the number of the moment, of those before and after each such call
 * @returns whether there were so many, and what puts it right again
 */
export function dying(
  stack: Awaited<ReturnType<typeof aKeptStack>>,
  death: number,
): { readonly hasDied: () => boolean; readonly revive: () => void } {
  let moments = 0;
  const die = () => {
    moments += 1;
    if (moments === death) throw new Error('the worker died');
  };
  const struck = <K extends string>(port: Record<K, unknown>, name: K) => {
    const real = (port[name] as (...args: unknown[]) => Promise<unknown>).bind(port);
    const stand = async (...args: unknown[]) => {
      die();
      const answer = await real(...args);
      die();
      return answer;
    };
    Object.assign(port, { [name]: stand });
    return () => Object.assign(port, { [name]: real });
  };
  const { syncStore, org, plans } = stack;
  const all = [
    struck(syncStore, 'commit'),
    struck(org, 'update'),
    struck(org, 'upsert'),
    struck(org, 'deleteRecords'),
    struck(plans, 'move'),
  ];
  const revive = () => {
    for (const put of all) put();
  };
  return { hasDied: () => moments >= death, revive };
}
