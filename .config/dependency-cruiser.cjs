// Which part may import which: arrows point one way. Checked on the TypeScript sources, type imports included.
const allow = {
  routing: [],
  protocol: ['routing'],
  worker: ['routing', 'protocol'],
  store: ['routing', 'protocol'],
  client: ['protocol'],
  admin: ['store', 'routing', 'protocol'],
  control: ['store', 'admin', 'worker', 'routing', 'protocol'],
  cli: ['control', 'store', 'admin', 'client', 'routing', 'protocol'],
};
/** Leaves that any part but routing may import. */
const leaves = '^src/(errors|clock|log|backoff|token-bucket|text-lines|figures)\\.ts$';

module.exports = {
  forbidden: [
    ...Object.entries(allow).map(([part, others]) => ({
      name: `layers-${part}`,
      comment: `src/${part} may import ${['itself', ...others].join(', ')}`,
      severity: 'error',
      from: { path: `^src/${part}/` },
      to: {
        path: '^src/',
        pathNot: [
          `^src/(${[part, ...others].join('|')})/`,
          ...(part === 'routing' ? [] : [leaves]),
          ...(part === 'cli' ? ['^src/config\\.ts$'] : []),
        ],
      },
    })),
    {
      name: 'layers-worker-messages',
      comment: 'the main thread and the workers share thread-messages.ts and nothing else',
      severity: 'error',
      from: { path: '^src/control/' },
      to: { path: '^src/worker/', pathNot: '^src/worker/thread-messages\\.ts$' },
    },
    {
      name: 'routing-is-pure',
      comment: 'src/routing imports no library and nothing of Node',
      severity: 'error',
      from: { path: '^src/routing/' },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-peer'] },
    },
    {
      name: 'protocol-has-no-sockets',
      severity: 'error',
      from: { path: '^src/protocol/' },
      to: { path: '^(net|node:net|worker_threads|node:worker_threads)$' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: { path: '^(src|bench|test)/' },
      to: { circular: true },
    },
    {
      name: 'src-stands-alone',
      comment: 'nothing that ships imports tests, benches or development packages',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench)/' },
    },
    {
      name: 'src-no-dev-packages',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], pathNot: '^node_modules/@types/' },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
