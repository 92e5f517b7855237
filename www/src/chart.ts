// A histogram with its quartiles, as an SVG of a given size.
import type { Histogram } from "./worker.ts";

/** Room above for the quartiles' names, below for the numbers, and at each side for half a name. */
const [TOP, BOTTOM, SIDE] = [60, 28, 20];

const plain = new Intl.NumberFormat("en", { maximumSignificantDigits: 7 });
const scientific = new Intl.NumberFormat("en", { maximumSignificantDigits: 7, notation: "scientific" });

export const formatCount = new Intl.NumberFormat("en").format;

/** Seven digits, with a power of ten where the number would be long without one. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  const isLong = size !== 0 && (size < 1e-4 || size >= 1e12);
  return (isLong ? scientific : plain).format(value);
}

export function drawChart(
  { edges, counts }: Histogram,
  [lower, median, upper]: readonly [number, number, number],
  width: number,
  height: number,
): string {
  const min = edges[0]!;
  const max = edges[counts.length]!;
  const most = Math.max(...counts);
  const fullest = counts.indexOf(most);
  const bottom = height - BOTTOM;
  // Halves, because the full distance may exceed the largest number.
  const x = (value: number) => SIDE + ((value / 2 - min / 2) / (max / 2 - min / 2)) * (width - 2 * SIDE);
  const range = (bin: number) => `${formatNumber(edges[bin]!)} to ${formatNumber(edges[bin + 1]!)}`;

  const bars = Array.from(counts, (count, bin) => {
    const [from, to] = [x(edges[bin]!), x(edges[bin + 1]!)];
    const gap = Math.min(2, (to - from) / 5);
    const size = (count / most) * (bottom - TOP);
    return `<rect class="bar" x="${from + gap / 2}" width="${to - from - gap}" y="${bottom - size}" height="${size}">
      <title>${range(bin)}: ${formatCount(count)}</title></rect>`;
  });

  // The outer names are on the outside, and the median's is above both, so that no line crosses a name.
  const quartile = (value: number, name: string, y: number, anchor: string) =>
    `<path d="M${x(value)} ${y + 5}V${bottom}" />
     <text x="${x(value)}" y="${y}" text-anchor="${anchor}">${name}</text>`;
  const numbers = ticks(min, max, width / 90).map(
    (tick) => `<path class="axis" d="M${x(tick)} ${bottom}v5" />
      <text x="${x(tick)}" y="${bottom + 20}">${formatNumber(tick)}</text>`,
  );

  const label =
    `Histogram of ${counts.length} bins from ${formatNumber(min)} to ${formatNumber(max)}. ` +
    `The fullest, from ${range(fullest)}, holds ${formatCount(most)}.`;

  return `<svg width="${width}" height="${height}" role="img" aria-label="${label}">
    <rect class="middle-half" x="${x(lower)}" width="${x(upper) - x(lower)}" y="${TOP}" height="${bottom - TOP}" />
    ${bars.join("")}
    <path class="axis" d="M${SIDE} ${bottom}H${width - SIDE}" />
    <g text-anchor="middle">${numbers.join("")}</g>
    <g class="quartiles">
      ${quartile(median, "Median", 14, "middle")}
      ${quartile(lower, "25%&nbsp;", 32, "end")}
      ${quartile(upper, "&nbsp;75%", 32, "start")}
    </g>
    <text x="${(x(edges[fullest]!) + x(edges[fullest + 1]!)) / 2}" y="${TOP - 6}" text-anchor="middle">
      ${formatCount(most)}</text>
  </svg>`;
}

/** About `about` round numbers between two numbers. */
function ticks(min: number, max: number, about: number): number[] {
  const rough = max / about - min / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((n) => n * power >= rough) ?? 10);
  const first = Math.ceil(min / step);
  const length = Math.min(max / step - first + 1, 2 * about);
  // Without the rounding error: 0.30000000000000004 is 0.3.
  return Array.from({ length }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}
