const units: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
};

/** `2GB`, `512 MiB`, `1.5TB` or `4096` (bytes) in bytes; `null` for anything else. */
export function parseByteSize(text: string): number | null {
  const [, amount, unit] = /^\s*(\d{1,15}(?:\.\d{1,6})?)\s*([kmgt]?i?b)?\s*$/i.exec(text) ?? [];
  const factor = units[(unit ?? 'B').toUpperCase()];
  if (amount === undefined || factor === undefined) return null;
  const bytes = Math.round(Number(amount) * factor);
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** `1.5 GB`; decimal units. */
export function formatByteSize(bytes: number): string {
  for (const unit of ['TB', 'GB', 'MB', 'KB']) {
    const amount = bytes / units[unit]!;
    if (amount >= 1) return `${amount < 10 ? amount.toFixed(1) : Math.round(amount)} ${unit}`;
  }
  return `${bytes} B`;
}
