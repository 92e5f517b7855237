import assert from "node:assert/strict";
import { Hasher, hash } from "PACKAGE";

assert.equal(
  hash(new Uint8Array()),
  "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
);
const hasher = new Hasher();
hasher.update(Uint8Array.of(1, 2));
hasher.update(Uint8Array.of(3));
assert.equal(hasher.digest(), hash(Uint8Array.of(1, 2, 3)));
assert.throws(() => hasher.update(Uint8Array.of(4)), { code: "closed" });
