// The layers of docs/architecture.md, from the bottom up. This table is the only place that lists them: the rules below
// are made from it. A module imports from lower layers only, through the other module's index.ts.
const layers = [
  ['bytes', 'runtime', 'schema'],
  ['model', 'template', 'kernels', 'httpclient'],
  ['storage', 'kube'],
  ['tsdb', 'promql', 'discovery'],
  ['scrape', 'query', 'rules', 'alertmanager', 'remote', 'access', 'dashboards', 'exporters', 'operators'],
  ['web', 'config'],
  ['api'],
  ['cli'],
];

/** Packages and Node modules that open connections, and the only modules that may hold them. */
const connecting = {
  '^(undici|(node:)?(https?|http2|net|tls|dgram|dns(/promises)?))$': ['httpclient', 'web'],
};

const dir = (name) => `^src/${name}/`;
const anyOf = (names) => `^src/(${names.join('|')})/`;

const upward = [];
layers.forEach((names, level) => {
  const above = layers.slice(level + 1).flat();
  for (const name of names) {
    const forbidden = [...above, ...names.filter((n) => n !== name)];
    if (forbidden.length === 0) continue;
    upward.push({
      name: `layer-${name}`,
      comment: `src/${name} imports from lower layers only`,
      severity: 'error',
      from: { path: dir(name) },
      to: { path: anyOf(forbidden) },
    });
  }
});

const known = layers.flat();

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...upward,
    {
      name: 'unknown-module',
      comment: 'every folder under src stands in the layer table',
      severity: 'error',
      from: {},
      to: { path: '^src/', pathNot: anyOf(known) },
    },
    {
      name: 'through-the-door',
      comment: 'another module is used through its index.ts (or a sub-folder that has one)',
      severity: 'error',
      from: { path: '^src/([^/]+)/' },
      to: { path: '^src/([^/]+)/', pathNot: ['^src/$1/', '/index\\.ts$'] },
    },
    {
      name: 'no-cycle',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'ui-talks-http-only',
      severity: 'error',
      from: { path: '^ui/' },
      to: { path: '^src/' },
    },
    {
      name: 'server-never-imports-ui',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^ui/' },
    },
    ...Object.entries(connecting).map(([pattern, holders]) => ({
      name: 'outbound-firewall',
      comment: `connections are opened by ${holders.join(', ')} only, so that none bypasses the outbound firewall`,
      severity: 'error',
      from: { path: '^src/', pathNot: [...holders.map(dir), '\\.test\\.ts$'] },
      to: { path: pattern, dependencyTypesNot: ['type-only'] },
    })),
    { name: 'unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-dev-dependency-in-server',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.test\\.ts$|\\.bench\\.ts$' },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'],
    },
  },
};
