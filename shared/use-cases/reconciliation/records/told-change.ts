import { hasChangedSince } from '../../../sync/mapping/item-image.ts';
import type { Link } from '../../../sync/model/link.ts';
import type { Mapping } from '../../../sync/model/mapping.ts';
import type { LocalItem } from '../../../sync/model/record.ts';
import { isAfter } from '../../../sync/time.ts';
import type { Subject } from './subject.ts';
import type { LocalKey } from './work.ts';

type Local = LocalItem | 'missing';

/** What the stream's word of an item is worth, now that the item and its link are read. */
export const toldChange = (
  mapping: Mapping,
  local: Local,
  asked: LocalKey,
  link: Link | undefined,
): Pick<Subject, 'localChangedAt' | 'hasChangedSince' | 'isLocalDeleted' | 'madeWithout'> => {
  const { changedAt } = asked;
  const isLocalDeleted = asked.isDeleted === true && !isOutdated(changedAt, link);
  return {
    // An older change was brought into step before: the item has changed again since, and nobody told when.
    localChangedAt:
      changedAt !== undefined && (isLocalDeleted || isAfter(changedAt, link?.localChangedAt))
        ? changedAt
        : undefined,
    hasChangedSince: isNewer(local, asked),
    isLocalDeleted,
    madeWithout: madeWithout(mapping, local, { ...asked, isLocalDeleted }, link),
  };
};

/** The item has changed since: whatever became of it after that, this is not the word of it. */
const isOutdated = (toldAt: string | undefined, link: Link | undefined): boolean =>
  toldAt !== undefined && link?.localChangedAt !== undefined && isAfter(link.localChangedAt, toldAt);

/** The item is another one than the stream told of: its last change is later than what was told. */
const isNewer = (local: Local, { image: told, isDeleted }: LocalKey): boolean => {
  if (local === 'missing') return false;
  if (told === undefined || local.image === undefined) return isDeleted === true;
  return hasChangedSince(told, local.image);
};

/** An item that is there although it was deleted was made again after that, perhaps before anybody told with what. */
const madeWithout = (
  { fields }: Mapping,
  local: Local,
  { isLocalDeleted, changedAt, made }: LocalKey & { readonly isLocalDeleted: boolean },
  link: Link | undefined,
): readonly string[] => {
  const isTold = made !== undefined && changedAt !== undefined && !isAfter(changedAt, made.at);
  if (isLocalDeleted && local !== 'missing' && !isTold) return fields.map(({ localField }) => localField);
  return made && isAfter(made.at, link?.localChangedAt) ? made.without : [];
};
