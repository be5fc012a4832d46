// import() as Node does it: what compiles the TypeScript here turns it into require(), which these ES modules refuse.
module.exports = { importModule: (name) => import(name) };
