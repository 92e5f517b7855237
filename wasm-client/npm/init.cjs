// In CommonJS the package is one file, whose module runs as soon as it is loaded: there is nothing left to load.
const api = require("./index.cjs");

Object.defineProperty(exports, "__esModule", { value: true });
exports.default = async () => api;
exports.initSync = () => api;
