import { attributeText, type Attributes, type AttributeValue } from '../../model/attributes';
import { settingRangeText, type SettingRange } from '../../model/pattern';
import { hasBit } from '../units/bitset';
import type { Candidate } from '../candidates/candidate';
import { isLevel, numberOf } from '../features/level-features';
import type { OutcomeColumn } from '../units/outcome-column';
import type { UnitTable } from '../units/unit-table';

/** Settings that are told of a pattern at most; those that vary come first. */
const mostSettings = 50;
/** A setting that is no number, with more levels than this, names the run. */
const mostLevels = 20;
/** A tag that so many of the runs have is part of where a pattern was found. */
const tagShare = 0.95;

export interface SettingRanges {
  add(config: Attributes | null): void;
  /** Those that vary first, then by name. */
  finish(): SettingRange[];
}

interface OpenRange {
  lower: number;
  upper: number;
  readonly levels: Map<string, number>;
}

/** What the settings of some runs were: numbers as their range, everything else as its levels. */
export function settingRanges(): SettingRanges {
  const open = new Map<string, OpenRange>();
  return {
    add(config) {
      if (config === null) return;
      for (const [key, value] of Object.entries(config)) {
        if (!isLevel(value)) continue;
        const range = open.get(key) ?? { lower: Infinity, upper: -Infinity, levels: new Map() };
        open.set(key, range);
        widen(range, value);
      }
    },
    finish: () =>
      [...open]
        .filter(([, { levels }]) => levels.size <= mostLevels)
        .map(([key, range]) => close(key, range))
        .sort((a, b) => Number(varies(b)) - Number(varies(a)) || (a.key < b.key ? -1 : 1))
        .slice(0, mostSettings),
  };
}

function widen(range: OpenRange, value: AttributeValue): void {
  const number = numberOf(value);
  if (Number.isFinite(number)) {
    range.lower = Math.min(range.lower, number);
    range.upper = Math.max(range.upper, number);
  } else if (range.levels.size <= mostLevels) {
    const level = attributeText(value);
    range.levels.set(level, (range.levels.get(level) ?? 0) + 1);
  }
}

function close(key: string, { lower, upper, levels }: OpenRange): SettingRange {
  const commonest = [...levels].sort(([x, a], [y, b]) => b - a || (x < y ? -1 : 1));
  return {
    key,
    interval: lower <= upper ? { lower, upper } : null,
    levels: commonest.map(([level]) => level),
  };
}

function varies({ interval, levels }: SettingRange): boolean {
  const numbers = interval === null ? 0 : interval.lower === interval.upper ? 1 : 2;
  return numbers + levels.length > 1;
}

/** The settings, and the tags of nearly all, of the runs that a candidate is compared among. */
export function contextOfEvidence(
  { within }: Candidate,
  { values }: OutcomeColumn,
  { units, present }: UnitTable,
): { readonly configRange: readonly SettingRange[]; readonly tags: readonly string[] } {
  const isCompared = (position: number): boolean =>
    !Number.isNaN(values[position] ?? NaN) && (within === null || hasBit(within, position));
  const ranges = settingRanges();
  let compared = 0;
  units.forEach(({ config }, position) => {
    if (!isCompared(position)) return;
    compared += 1;
    ranges.add(config);
  });
  const tags = [...present.values()].flatMap(({ of, positions }) =>
    of.kind === 'tag' && positions.filter(isCompared).length >= tagShare * compared ? of.key : [],
  );
  return { configRange: ranges.finish(), tags: compared === 0 ? [] : tags.sort() };
}

/** Why a setting lies outside of what was seen, as a sentence without its end; `null` where it does not. */
export function outsideOfRange(
  range: SettingRange,
  value: string | number | boolean,
): string | null {
  const { key, interval, levels } = range;
  const number = typeof value === 'boolean' || value === '' ? NaN : Number(value);
  const isInside = Number.isFinite(number)
    ? interval !== null && number >= interval.lower && number <= interval.upper
    : levels.includes(String(value));
  if (isInside) return null;
  return `${key} ${value} lies outside of what was observed, ${settingRangeText(range)}`;
}
