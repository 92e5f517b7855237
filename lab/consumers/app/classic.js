// A page whose scripts are no modules: the package is a global.
Promise.all([import("./check.js"), import("./report.js")]).then(
  ([{ check }, { report }]) => report(() => check(freshWasm)),
);
