/** One thing that is wrong with a sync config. */
export interface Problem {
  /** Where, as a person would write it in code: `mappings.contact.fieldMap.email`. */
  readonly path: string;
  /** What is wrong, and what is allowed instead. */
  readonly message: string;
}

export type Path = readonly PropertyKey[];

/** Makes a problem; keys that are no identifiers are shown in brackets. */
export const problem = (path: Path, message: string): Problem => ({ path: pathText(path), message });

const pathText = (path: Path): string => {
  const text = path.map((key) => (isPlain(key) ? `.${String(key)}` : `[${JSON.stringify(key)}]`)).join('');
  return text === '' ? '(the whole config)' : text.replace(/^\./, '');
};

const isPlain = (key: PropertyKey): boolean => /^[A-Za-z_$][A-Za-z0-9_$-]*$/.test(String(key));
