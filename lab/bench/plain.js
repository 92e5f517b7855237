// The same results in straightforward JavaScript, and from the packages that people would use.
const POSITIONS = [0.25, 0.5, 0.75];

export function summarize(values) {
  let [min, max, sum] = [Infinity, -Infinity, 0];
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value;
  }
  const mean = sum / values.length;
  let squares = 0;
  for (let index = 0; index < values.length; index++) {
    squares += (values[index] - mean) ** 2;
  }
  const variance = squares / (values.length - 1);
  const copy = values.slice();
  const quartiles = POSITIONS.map((position) => {
    const at = (values.length - 1) * position;
    const low = Math.floor(at);
    const value = select(copy, low);
    if (low === at) {
      return value;
    }
    return value + (select(copy, low + 1) - value) * (at - low);
  });
  return {
    count: values.length,
    min,
    max,
    mean,
    variance,
    standardDeviation: Math.sqrt(variance),
    quartiles,
  };
}

/** Moves the value of that rank to its place, the smaller ones before it, and returns it. */
function select(values, rank) {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const pivot = values[(low + high) >> 1];
    let [left, right] = [low, high];
    while (left <= right) {
      while (values[left] < pivot) left++;
      while (values[right] > pivot) right--;
      if (left <= right) {
        const value = values[left];
        values[left++] = values[right];
        values[right--] = value;
      }
    }
    if (rank <= right) high = right;
    else if (rank >= left) low = left;
    else break;
  }
  return values[rank];
}

export function histogram(values, bins) {
  let [min, max] = [Infinity, -Infinity];
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const counts = new Uint32Array(bins);
  const edges = Float64Array.from(
    { length: bins + 1 },
    (_, bin) => min + ((max - min) * bin) / bins,
  );
  for (let index = 0; index < values.length; index++) {
    const bin = Math.floor(((values[index] - min) / (max - min)) * bins);
    counts[Math.min(bins - 1, bin)]++;
  }
  return { edges, counts };
}

export function summarizeWith(simple, values) {
  const [min, max] = simple.extent(values);
  return {
    count: values.length,
    min,
    max,
    mean: simple.mean(values),
    variance: simple.sampleVariance(values),
    standardDeviation: simple.sampleStandardDeviation(values),
    quartiles: simple.quantile(values, POSITIONS),
  };
}

export function summarizeWithD3(d3, values) {
  const [min, max] = d3.extent(values);
  return {
    count: values.length,
    min,
    max,
    mean: d3.mean(values),
    variance: d3.variance(values),
    standardDeviation: d3.deviation(values),
    quartiles: POSITIONS.map((position) => d3.quantile(values, position)),
  };
}

export function histogramWithD3(d3, values, bins) {
  const [min, max] = d3.extent(values);
  const thresholds = Array.from(
    { length: bins - 1 },
    (_, bin) => min + ((max - min) * (bin + 1)) / bins,
  );
  return d3.bin().domain([min, max]).thresholds(thresholds)(values);
}

export function parse(text) {
  const numbers = [];
  const { length } = text;
  let at = 0;
  while (at < length) {
    const code = text.charCodeAt(at);
    // White space, a comma or a semicolon.
    if (code <= 32 || code === 44 || code === 59) {
      at++;
    } else if (code === 35) {
      const end = text.indexOf("\n", at);
      at = end < 0 ? length : end;
    } else {
      const start = at;
      for (let next = code; next > 32 && next !== 44 && next !== 59;) {
        next = ++at < length ? text.charCodeAt(at) : 32;
      }
      const number = Number(text.slice(start, at));
      if (!Number.isFinite(number)) {
        throw new Error(`\`${text.slice(start, at)}\` is not a finite number`);
      }
      numbers.push(number);
    }
  }
  return Float64Array.from(numbers);
}
