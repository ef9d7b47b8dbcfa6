/**
 * The fields that a SOQL condition names, each once, as they are written: `Status__c`, `Account.Industry`. The condition
 * has been parsed when the config was read, so it is only gone through here: the parser itself would make each function
 * a third larger. `test/unit/sync/mapping/check` holds it to the parser.
 */
export const filterFields = (condition: string): string[] => {
  const tokens = condition.match(TOKEN) ?? [];
  const found = new Set<string>();
  let index = 0;
  while (index < tokens.length) {
    const token = tokens[index] ?? '';
    index += 1;
    if (!NAME.test(token) || JOINS.has(token.toUpperCase())) continue;
    // What begins with a name and is no connective is compared: a field, or a function of one.
    if (tokens[index] === '(') {
      const end = closing(tokens, index);
      for (const name of argumentsIn(tokens.slice(index + 1, end))) found.add(name);
      index = end + 1;
    } else found.add(token);
    index = afterValue(tokens, index);
  }
  return [...found];
};

/** Text without an end, which the parser does not let pass, is one token to the end: else each quote would search for it. */
const TOKEN = /'(?:\\.|[^'\\])*(?:'|\\?$)|[A-Za-z_][\w.]*|[-+]?\d[\w:.+-]*|<=|>=|!=|<>|[=<>(),]/gs;
const NAME = /^[A-Za-z_]/;
const JOINS: ReadonlySet<string> = new Set(['AND', 'OR', 'NOT']);
const WORD_OPERATORS: ReadonlySet<string> = new Set(['NOT', 'IN', 'LIKE', 'INCLUDES', 'EXCLUDES']);

/** Functions may stand in one another, and a name before a parenthesis is one. `GEOLOCATION` has no field in it. */
const argumentsIn = (tokens: readonly string[]): string[] =>
  tokens.filter((token, index) => NAME.test(token) && tokens[index + 1] !== '(');

/** The place of the parenthesis that closes the one at `open`, or the end. */
const closing = (tokens: readonly string[], open: number): number => {
  let depth = 0;
  for (let index = open; index < tokens.length; index += 1) {
    if (tokens[index] === '(') depth += 1;
    if (tokens[index] === ')') depth -= 1;
    if (depth === 0) return index;
  }
  return tokens.length;
};

/** Behind the operator and the value, or the list of values, of one comparison. */
const afterValue = (tokens: readonly string[], operator: number): number => {
  let index = operator;
  while (isOperator(tokens[index])) index += 1;
  return tokens[index] === '(' ? closing(tokens, index) + 1 : index + 1;
};

const isOperator = (token: string | undefined): boolean =>
  token !== undefined && (/^[=<>!]/.test(token) || WORD_OPERATORS.has(token.toUpperCase()));
