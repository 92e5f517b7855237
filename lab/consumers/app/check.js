// What every consumer runs: the whole API once, given as a namespace. It returns the digest that the module carries.
export function check(lib) {
  const { Accumulator, buildInfo, histogram, parse, summarize } = lib;
  const series = parse("2.5, 3.5 # a comment\n6; 4");
  const { mean, quartiles } = summarize(series);
  expect([mean, ...quartiles], [4, 3.25, 3.75, 4.5]);
  expect(histogram([1, 1.5, 2, 2, 5], 4).counts, [2, 2, 0, 1]);
  const accumulator = new Accumulator();
  accumulator.push(series);
  expect([accumulator.count, accumulator.summary().max], [4, 6]);
  accumulator.free();
  try {
    parse("1, 2\n3, four");
    throw new Error("it parsed what is no number");
  } catch (error) {
    expect([error.code, error.line, error.column], ["invalid_number", 2, 4]);
  }
  return buildInfo().moduleDigest;
}

function expect(found, wanted) {
  if (String([...found]) !== String(wanted)) {
    throw new Error(`expected ${wanted}, got ${[...found]}`);
  }
}
