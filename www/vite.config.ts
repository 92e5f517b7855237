// Static files that work below any path and pass the strict policy that stands in them.
import { defineConfig, type Plugin } from "vite";

import { freshPackage } from "./vite/package.ts";

/** Nothing from elsewhere, nothing inline, no `eval`; WebAembly may be compiled. */
const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** In the page, for hosts that let nobody set headers. The development server needs more than the policy allows. */
const policyInPage: Plugin = {
  name: "policy-in-page",
  apply: "build",
  transformIndexHtml: () => [
    {
      tag: "meta",
      attrs: { "http-equiv": "Content-Security-Policy", content: policy },
      injectTo: "head-prepend",
    },
  ],
};

export default defineConfig({
  base: "./",
  plugins: [freshPackage(), policyInPage],
  build: {
    target: "es2023",
    // Every browser that this target names knows `modulepreload`.
    modulePreload: { polyfill: false },
    // A file inlined as a `data:` URL would not pass the policy.
    assetsInlineLimit: 0,
  },
  worker: { format: "es" },
  // As a header it holds for the worker as well.
  preview: { headers: { "Content-Security-Policy": policy } },
});
