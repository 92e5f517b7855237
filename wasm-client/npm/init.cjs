// In CommonJS the package is one file that starts its own module, so there is nothing to load here.
const api = require("./index.cjs");

Object.defineProperty(exports, "__esModule", { value: true });
exports.default = async () => api;
exports.initSync = () => api;
