// What the compiler has to say of right and of wrong uses; it is compiled, never run.
import {
  Accumulator,
  buildInfo,
  histogram,
  parse,
  summarize,
  type BuildInfo,
  type Histogram,
  type LibraryError,
  type Moments,
  type Summary,
} from "fresh-wasm";
import init, { initSync } from "fresh-wasm/init";

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2
    ? true
    : false;
function same<A, B>(..._: Same<A, B> extends true ? [] : [never]): void {}

// Exact types of results, of which none is `any`.
// Memory that nobody shares, which `new Blob([array])` asks for.
same<ReturnType<typeof parse>, Float64Array<ArrayBuffer>>();
same<ReturnType<typeof summarize>, Summary>();
same<ReturnType<typeof histogram>, Histogram>();
same<ReturnType<typeof buildInfo>, BuildInfo>();
same<Summary["quartiles"], [number, number, number]>();
same<Summary["variance"], number | undefined>();
same<Histogram["edges"], Float64Array<ArrayBuffer>>();
same<Histogram["counts"], Uint32Array<ArrayBuffer>>();
same<BuildInfo["profile"], "release" | "dev">();
same<ReturnType<Accumulator["summary"]>, Moments>();
same<Accumulator["count"], number>();
same<Parameters<typeof parse>, [text: string]>();
same<Parameters<typeof summarize>, [values: Float64Array | Iterable<number>]>();
same<Parameters<Accumulator["merge"]>, [other: Accumulator]>();
same<Awaited<ReturnType<typeof init>>["summarize"], typeof summarize>();
same<ReturnType<typeof initSync>["Accumulator"], typeof Accumulator>();

// Right.
summarize(new Float64Array(3));
summarize([1, 2, 3]);
summarize(new Set([1]));
summarize(new Float32Array(3));
new Accumulator().push(1);
new Accumulator().push([1]);
new Accumulator().free();
init();
init("a.wasm");
init(new Uint8Array(8));
init(Promise.resolve(new Uint8Array(8)));
initSync(new ArrayBuffer(8));
try {
  parse("x");
} catch (error) {
  const { code, line, text } = error as LibraryError;
  same<typeof line, number | undefined>();
  same<typeof text, string | undefined>();
  // Those of the library, and those of any.
  const codes: LibraryError["code"][] = ["not_finite", "panic", code];
  // @ts-expect-error
  codes.push("no_such_code");
}

// Wrong.
// @ts-expect-error
summarize(["1"]);
// @ts-expect-error
summarize(1);
// @ts-expect-error
summarize();
// @ts-expect-error
histogram([1]);
// @ts-expect-error
histogram([1], "2");
// @ts-expect-error
parse(1);
// @ts-expect-error
new Accumulator(1);
// @ts-expect-error
new Accumulator().count = 1;
// @ts-expect-error
new Accumulator().merge({});
// @ts-expect-error
summarize([1]).median;
// @ts-expect-error
init(null);
// @ts-expect-error
init(1);
// @ts-expect-error
initSync();
// @ts-expect-error
initSync("a.wasm");
