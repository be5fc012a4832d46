/** @type {import('jest').Config} */
module.exports = {
  testMatch: ['<rootDir>/{,packages/*/}__tests__/**/*.test.ts'],
  testEnvironment: 'node',
  transform: { '^.+\\.[mc]?[jt]s$': ['@swc/jest', { jsc: { target: 'es2023', parser: { syntax: 'typescript' } } }] },
  // The Kubernetes client and what it is made of, and GitHub's packages about workflows, are ES modules, which Jest's own loader cannot require.
  transformIgnorePatterns: [
    '/node_modules/(?!(@kubernetes/client-node|openid-client|oauth4webapi|jose|@actions/(expressions|workflow-parser|languageservice))/)',
  ],
  moduleNameMapper: {
    '^@actions/(expressions|workflow-parser|languageservice)$': '<rootDir>/node_modules/@actions/$1/dist/index.js',
    '^@actions/(expressions|workflow-parser|languageservice)/(.*)$': '<rootDir>/node_modules/@actions/$1/dist/$2.js',
  },
  modulePathIgnorePatterns: ['<rootDir>/cdktf.out', '<rootDir>/.local'],
  globalSetup: '<rootDir>/__tests__/obtain-programs.ts',
  // Tests wait more than they work, for pods, namespaces and Terraform: two at a time fit even where there are two cores.
  maxWorkers: 2,
  // Real parts: a deploy takes as long as it takes.
  testTimeout: 5 * 60_000,
};
