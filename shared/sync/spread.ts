/** One of so many places, always the same for the same id: what would come all at once is spread over them. */
export const placeOf = (id: string, places: number): number => {
  let hash = 0;
  for (let index = 0; index < id.length; index += 1) hash = (hash * 31 + id.charCodeAt(index)) % 1_000_003;
  return hash % places;
};
