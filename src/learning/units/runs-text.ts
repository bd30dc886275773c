/** `1 run`, `7 runs`. */
export function runsText(n: number): string {
  return n === 1 ? '1 run' : `${n} runs`;
}
