/** One change of a source file, so that the product holds no switch for it. */
export interface PlantedEdit {
  /** From the project's root. */
  readonly file: string;
  /** Occurs once in the file. */
  readonly find: string;
  readonly replace: string;
}

/**
 * A source file with those edits of a bug that are of it.
 *
 * @throws Error where a text to replace is not in the file exactly once
 */
export const plant = (
  { name, edits }: { readonly name: string; readonly edits: readonly PlantedEdit[] },
  file: string,
  source: string,
): string =>
  edits
    .filter((edit) => edit.file === file)
    .reduce((sofar, { find, replace }) => {
      const count = sofar.split(find).length - 1;
      if (count !== 1) throw new Error(`"${name}": the text to replace occurs ${count} times in ${file}`);
      return sofar.replace(find, () => replace);
    }, source);
