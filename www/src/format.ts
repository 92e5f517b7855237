// Numbers as people read them.

const integer = new Intl.NumberFormat("en");
const plain = new Intl.NumberFormat("en", { maximumSignificantDigits: 7 });
const scientific = new Intl.NumberFormat("en", {
  notation: "scientific",
  maximumSignificantDigits: 7,
});

export function formatCount(count: number): string {
  return integer.format(count);
}

/** Seven digits, with a power of ten where the number would be long without one. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  const isLong = size !== 0 && (size < 1e-4 || size >= 1e12);
  return (isLong ? scientific : plain).format(value);
}

export function formatBytes(bytes: number): string {
  return bytes < 1e6
    ? `${plain.format(Math.round(bytes / 100) / 10)} kB`
    : `${plain.format(Math.round(bytes / 1e5) / 10)} MB`;
}

export function formatDuration(milliseconds: number): string {
  return milliseconds < 1000
    ? `${Math.ceil(milliseconds)} ms`
    : `${(milliseconds / 1000).toFixed(1)} s`;
}
