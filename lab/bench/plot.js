// The ratios as bars, on a logarithmic scale: one group below the other.
const [WIDTH, LEFT, ROW, GAP] = [760, 200, 18, 34];
const colours = ["#2a6f97", "#adb5bd", "#adb5bd", "#adb5bd", "#6c757d"];

export function plot(groups) {
  const most = Math.max(
    ...groups.flatMap(({ rows }) =>
      rows.map(({ ratio, least, median }) => (ratio * median) / least),
    ),
  );
  const fewest = Math.min(
    ...groups.flatMap(({ rows }) => rows.map(({ ratio }) => ratio)),
  );
  const x = (ratio) =>
    LEFT +
    ((WIDTH - LEFT - 70) * Math.log(ratio / fewest)) / Math.log(most / fewest);
  const parts = [];
  let y = 24;
  for (const { title, rows } of groups) {
    parts.push(`<text x="8" y="${y}" font-weight="bold">${title}</text>`);
    y += 8;
    for (const [index, { name, ratio, least, median }] of rows.entries()) {
      const spread = [least, median].map((time) =>
        x((time / least) * ratio).toFixed(1),
      );
      parts.push(
        `<text x="${LEFT - 8}" y="${y + 13}" text-anchor="end">${name}</text>`,
        `<rect x="${LEFT}" y="${y + 2}" width="${Math.max(1, x(ratio) - LEFT).toFixed(1)}" height="13" fill="${colours[index]}"/>`,
        `<path d="M${spread[0]} ${y + 8.5}H${spread[1]}" stroke="#000"/>`,
        `<text x="${Math.max(x(ratio), Number(spread[1])) + 6}" y="${y + 13}">${ratio.toFixed(2)}</text>`,
      );
      y += ROW;
    }
    y += GAP;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="#fff"/>
<text x="8" y="${y - 10}">Time in ratio to this package, logarithmic; shorter is faster, the line reaches to the median sample.</text>
${parts.join("\n")}
</svg>
`;
}
