import { ruleInWords } from '../../../shared/sync/history/words.ts';
import { parseMappingId } from '../../../shared/sync/mapping/resolve.ts';
import { valueIn } from '../../../shared/sync/mapping/values.ts';
import type { Link } from '../../../shared/sync/model/link.ts';
import { type Why, type WhyAnswer, why } from '../../../shared/use-cases/operations/why.ts';
import { ACCOUNTS, TABLE } from '../world/configs.ts';
import { traced, tracedAt } from '../world/traced-values.ts';
import type { World } from '../world/world.ts';
import type { Violation } from './violation.ts';

/** Lines of one answer: few enough that there often are older ones. */
const LIMIT = 6;

/**
 * At the end, with everything at rest: whoever asks why a pair is as it is hears the same by its key and by its record's
 * id; of each field that has a value, a change that brought it, or that a run may have; and nothing that was not so.
 */
export async function falseReasons(world: World): Promise<Violation[]> {
  const { config, syncStore, journal } = world;
  const ports = { config, syncStore, history: syncStore.history, journal };
  const found: Violation[] = [];
  for (const link of syncStore.storedLinks.values()) {
    const { mappingId, localKey: key, sfId } = link;
    const name = parseMappingId(mappingId)?.name ?? '';
    if (link.state !== 'linked' || link.pending || !sfId || !config.mappings[name]) continue;
    const byKey = await why(ports, { mappingId, key, limit: LIMIT });
    const byId = await why(ports, { mappingId, sfId, limit: LIMIT });
    const texts = [
      ...(JSON.stringify(byKey.answers) === JSON.stringify(byId.answers)
        ? []
        : ['another answer by the id of the record than by the key of the item']),
      ...untold(world, link, byKey),
      ...byKey.answers.flatMap((answer) => [
        ...untruePresent(world, link, answer),
        ...untrueSides(world, link, answer),
      ]),
    ];
    found.push(...texts.map((text): Violation => ({ oracle: 'why', text: `${mappingId} ${key}: ${text}` })));
  }
  return found;
}

/** Fields that have a value of which no answer says anything, and does not say either that it does not know. */
function untold(
  { syncStore }: World,
  { mappingId, base, run }: Link,
  { answers, isCut, now }: Why,
): string[] {
  if (isCut || run || syncStore.history.dropped.has(mappingId)) return [];
  // What waits for a person is said in words, and under `now`.
  const held = new Set(now.held.map(({ field }) => field));
  const told = new Set(answers.flatMap(({ fields }) => fields.map(({ field }) => field)));
  return Object.keys(base)
    .filter((field) => (valueIn(base, field) ?? null) !== null && !told.has(field) && !held.has(field))
    .filter((field) => !answers.some(({ text }) => text.includes(field)))
    .map((field) => `nothing is said of ${field}`);
}

/** `email is "x" since …`: then both sides have just that. */
const PRESENT = / is (empty|"(?:[^"\\]|\\.)*")(?: \(before: (?:empty|"(?:[^"\\]|\\.)*")\))?(?=,| since)/g;

/** What is said to be so now, and is not. Where the two sides differ, both are looked at by other oracles. */
function untruePresent(world: World, { mappingId, localKey, base }: Link, { text }: WhyAnswer): string[] {
  const table = mappingId.endsWith('.account') ? ACCOUNTS : TABLE;
  const item = world.syncStore.tables.get(table, localKey);
  return Object.keys(base).flatMap((field) => {
    const now = traced(valueIn(base, field) ?? null);
    if (tracedAt(item, field) !== now) return [];
    const said = [...text.matchAll(PRESENT)].filter(
      ({ index }) =>
        text.slice(0, index).endsWith(field) && !/[\w.]/.test(text.at(index - field.length - 1) ?? ' '),
    );
    return said
      .map(([, value = '']) => (value === 'empty' ? null : traced(JSON.parse(value))))
      .filter((value) => value !== now)
      .map((value) => `${field} is said to be ${String(value)}, and is ${String(now)}`);
  });
}

/** That only one side had changed, of a value that a person wrote on the other. */
function untrueSides(world: World, { mappingId }: Link, { text, fields }: WhyAnswer): string[] {
  const { byValue, setBacks, givenBack, everDeleted, restored } = world.ledger;
  const [connectionId] = mappingId.split('.');
  return fields.flatMap(({ field, side, rule, after }) => {
    const edit = typeof after === 'string' ? byValue.get(String(traced(after))) : undefined;
    if (!edit || setBacks.some(({ value }) => value === after) || givenBack.has(edit.value)) return [];
    if (!text.includes(ruleInWords(rule, side))) return [`the rule ${rule} of ${field} is not in the words`];
    // What came back, or came with another life of the pair, is its side's own by now.
    if (everDeleted.size + restored.size > 0 || world.shape.change !== 'none') return [];
    const isTheirs = edit.place === connectionId;
    const isWrong = (rule === 'salesforceEdit' && !isTheirs) || (rule === 'localEdit' && isTheirs);
    return isWrong
      ? [`${String(after)} of ${field} is said to be a ${rule}, and was written in ${edit.place}`]
      : [];
  });
}
