// A histogram with its quartiles, drawn as SVG in the room that there is.

import { formatCount, formatNumber } from "./format.ts";
import type { Histogram } from "./worker.ts";

export const QUARTILES = ["Lower quartile", "Median", "Upper quartile"];

/** Room for the quartiles' names above, the numbers below, and half of a number at the sides. */
const TOP = 78;
const BOTTOM = 28;
const SIDE = 8;

export function drawChart(
  { clientWidth: width, clientHeight: height }: Element,
  { edges, counts }: Histogram,
  quartiles: readonly number[],
): SVGElement {
  const min = edges[0]!;
  const max = edges[counts.length]!;
  const bottom = height - BOTTOM;
  const most = Math.max(...counts);
  // Halves, since the whole distance may be more than the largest number.
  const x = (value: number) =>
    SIDE + ((value / 2 - min / 2) / (max / 2 - min / 2)) * (width - 2 * SIDE);
  const y = (count: number) => bottom - (count / most) * (bottom - TOP);

  const fullest = counts.indexOf(most);
  const label =
    `Histogram of ${counts.length} bins from ${formatNumber(min)} to ${formatNumber(max)}. ` +
    `The fullest, from ${formatNumber(edges[fullest]!)} to ${formatNumber(edges[fullest + 1]!)}, ` +
    `holds ${formatCount(most)}.`;
  const chart = element("svg", {
    width,
    height,
    role: "img",
    "aria-label": label,
  });

  const [lower, , upper] = quartiles.map(x);
  chart.append(
    element("rect", {
      class: "middle-half",
      x: lower!,
      y: TOP,
      width: upper! - lower!,
      height: bottom - TOP,
    }),
  );
  counts.forEach((count, bin) => {
    const [from, to] = [edges[bin]!, edges[bin + 1]!];
    const gap = Math.min(2, (x(to) - x(from)) / 5);
    const bar = element("rect", {
      class: "bar",
      x: x(from) + gap / 2,
      y: y(count),
      width: Math.max(x(to) - x(from) - gap, 0),
      height: y(0) - y(count),
    });
    const said = `${formatNumber(from)} to ${formatNumber(to)}: ${formatCount(count)}`;
    bar.append(element("title", {}, said));
    chart.append(bar);
  });

  chart.append(
    element("path", {
      class: "axis",
      d: `M${SIDE} ${bottom}H${width - SIDE}`,
    }),
  );
  for (const tick of ticks(min, max, width / 90)) {
    chart.append(
      element("path", { class: "axis", d: `M${x(tick)} ${bottom}v5` }),
      element(
        "text",
        { x: x(tick), y: bottom + 20, "text-anchor": "middle" },
        formatNumber(tick),
      ),
    );
  }
  chart.append(
    element(
      "text",
      {
        x: (x(edges[fullest]!) + x(edges[fullest + 1]!)) / 2,
        y: TOP - 6,
        "text-anchor": "middle",
      },
      formatCount(most),
    ),
  );
  // Each name has a row of its own, so that they never overlap.
  quartiles.forEach((value, i) => {
    const d = `M${x(value)} ${3 + i * 18}V${bottom}`;
    chart.append(element("path", { class: "quartile", d }));
  });
  quartiles.forEach((value, i) => {
    const isRight = x(value) > width / 2;
    const place = {
      x: x(value) + (isRight ? -6 : 6),
      y: 13 + i * 18,
      "text-anchor": isRight ? "end" : "start",
    };
    const said = `${QUARTILES[i]} ${formatNumber(value)}`;
    chart.append(element("text", { class: "quartile-name", ...place }, said));
  });
  return chart;
}

/** About so many round numbers from one to another. */
function ticks(min: number, max: number, about: number): number[] {
  const rough = (max - min) / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((n) => n * power >= rough) ?? 10);
  const first = Math.ceil(min / step);
  const found: number[] = [];
  for (let i = 0; i <= about * 2 && (first + i) * step <= max; i++) {
    // Less what rounding leaves: 0.30000000000000004 is 0.3.
    found.push(Number(((first + i) * step).toPrecision(12)));
  }
  return found;
}

function element(
  name: string,
  attributes: Record<string, string | number>,
  text = "",
): SVGElement {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) {
    made.setAttribute(key, String(value));
  }
  made.textContent = text;
  return made;
}
