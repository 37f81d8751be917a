/**
 * The stretches without data between two indexes, as pixels. The seconds are sorted; where one or more are missing, the
 * line breaks instead of bridging them.
 */
export function gapsOf(
  seconds: ArrayLike<number>,
  from: number,
  to: number,
  position: (second: number) => number,
): [number, number][] {
  const gaps: [number, number][] = [];
  for (let index = from + 1; index <= to; index += 1) {
    const before = seconds[index - 1];
    const here = seconds[index];
    if (before !== undefined && here !== undefined && here - before > 1) {
      gaps.push([Math.round(position(before)), Math.round(position(here))]);
    }
  }
  return gaps;
}
