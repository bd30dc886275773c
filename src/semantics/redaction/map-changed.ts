/** The same list where no item changes. */
export function mapChanged<T>(items: readonly T[], change: (item: T) => T): readonly T[] {
  if (items.length === 0) return items;
  let changed = false;
  const mapped = items.map((item) => {
    const next = change(item);
    changed ||= next !== item;
    return next;
  });
  return changed ? mapped : items;
}
