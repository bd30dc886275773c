/** How fast records are stored while there is something to store: the mean of the latest seconds of work. */
export class Pace {
  readonly #now: () => number;
  readonly #windows: Window[] = [];
  #working = 0;
  #since = 0;
  #busyMillis = 0;
  #records = 0;

  /** @param monotonicMillis a clock that is never set back, ms */
  constructor(monotonicMillis: () => number) {
    this.#now = monotonicMillis;
  }

  /** A request begins to be worked on; the function returned ends it. */
  begin(): () => void {
    this.#measure();
    this.#working += 1;
    return () => {
      this.#measure();
      this.#working -= 1;
    };
  }

  stored(records: number): void {
    this.#measure();
    this.#records += records;
    if (this.#busyMillis < windowMillis) return;
    this.#windows.push({ records: this.#records, millis: this.#busyMillis });
    if (this.#windows.length > windowsKept) this.#windows.shift();
    this.#busyMillis = 0;
    this.#records = 0;
  }

  /** Records that are likely to be stored in so many ms; `null` before the first window has ended. */
  recordsIn(millis: number): number | null {
    const sum = (field: keyof Window): number =>
      this.#windows.reduce((total, window) => total + window[field], 0);
    return this.#windows.length === 0 ? null : (sum('records') / sum('millis')) * millis;
  }

  #measure(): void {
    const now = this.#now();
    if (this.#working > 0) this.#busyMillis += now - this.#since;
    this.#since = now;
  }
}

interface Window {
  readonly records: number;
  readonly millis: number;
}

const windowMillis = 500;
const windowsKept = 8;
