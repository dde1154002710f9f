/** A flag of `yagura serve`, under Prometheus's name where Prometheus has it. */
export interface Flag {
  readonly name: string;
  /** What the value is called in the help; absent for a switch. */
  readonly value?: string;
  /** Printed and used when the flag is not given; `''` prints nothing. */
  readonly default?: string;
  readonly repeatable?: boolean;
  readonly help: string;
  /** Taken for compatibility, changes nothing here; the help says why. */
  readonly ignored?: boolean;
}

export interface FlagGroup {
  readonly title: string;
  readonly flags: readonly Flag[];
}

/** All flags of `serve`, in the order the help prints them. Switches also take `--no-…`. */
export const flagGroups: readonly FlagGroup[] = [
  {
    title: 'Configuration',
    flags: [
      { name: 'config.file', value: 'FILE', default: 'prometheus.yml', help: "Prometheus's configuration file." },
      { name: 'config.auto-reload', help: 'Reload when the configuration or a file it names changes.' },
      {
        name: 'config.auto-reload-interval',
        value: 'DURATION',
        default: '30s',
        help: 'How often to look for changes.',
      },
      { name: 'agent', help: 'Run as an agent: scrape and forward, no local queries.' },
      {
        name: 'enable-feature',
        value: 'NAME',
        repeatable: true,
        help: 'Comma-separated features to enable; unknown names only warn.',
      },
    ],
  },
  {
    title: 'Web',
    flags: [
      {
        name: 'web.listen-address',
        value: 'ADDRESS',
        default: '127.0.0.1:9090',
        repeatable: true,
        help: 'Where to listen for the page, the API and /metrics.',
      },
      {
        name: 'web.config.file',
        value: 'FILE',
        default: '',
        help: "Prometheus's web configuration: TLS, headers, basic_auth_users.",
      },
      {
        name: 'web.external-url',
        value: 'URL',
        default: '',
        help: 'The address under which people reach the server, for links and for the path prefix.',
      },
      {
        name: 'web.route-prefix',
        value: 'PATH',
        default: '',
        help: 'Prefix of all paths; default: the path of --web.external-url.',
      },
      { name: 'web.enable-lifecycle', help: 'Allow reload and shutdown over HTTP, for identities that may.' },
      { name: 'web.enable-admin-api', help: 'Allow deleting and snapshots over HTTP, for identities that may.' },
      { name: 'web.enable-remote-write-receiver', help: 'Accept remote write.' },
      { name: 'web.enable-otlp-receiver', help: 'Accept OTLP metrics.' },
      {
        name: 'web.remote-write-receiver.accepted-protobuf-messages',
        value: 'NAME',
        repeatable: true,
        default: 'prometheus.WriteRequest',
        help: 'Protobuf messages remote write accepts.',
      },
      {
        name: 'web.read-timeout',
        value: 'DURATION',
        default: '5m',
        help: 'How long a request may take to arrive, and an idle connection may stay.',
      },
      { name: 'web.max-connections', value: 'N', default: '512', help: 'Simultaneous connections over all listeners.' },
      {
        name: 'web.cors.origin',
        value: 'ORIGIN',
        default: '',
        repeatable: true,
        help: 'An exact origin whose pages may read the API; none by default.',
      },
      {
        name: 'web.allowed-host',
        value: 'NAME',
        default: '',
        repeatable: true,
        help: 'A further name under which requests may address the server; others are refused against DNS rebinding.',
      },
      { name: 'web.page-title', value: 'TEXT', default: 'Yagura', help: 'Title of the page.' },
    ],
  },
  {
    title: 'Access',
    flags: [
      {
        name: 'access.config.file',
        value: 'FILE',
        default: '',
        help: 'Who may do what: users, tokens, roles, bindings.',
      },
      {
        name: 'insecure',
        help: 'No sign-in: everyone who reaches the port may do everything, as with Prometheus. Loopback only.',
      },
      { name: 'insecure-expose', help: 'Allow --insecure on an address that is not loopback.' },
    ],
  },
  {
    title: 'Storage',
    flags: [
      {
        name: 'storage.tsdb.path',
        value: 'DIR',
        default: 'data/',
        help: "Where the data lies, in Prometheus's format.",
      },
      { name: 'storage.tsdb.retention.time', value: 'DURATION', default: '15d', help: 'How long samples are kept.' },
      {
        name: 'storage.tsdb.retention.size',
        value: 'BYTES',
        default: '',
        help: 'How many bytes of blocks are kept: 512MB, 1GB, …',
      },
      { name: 'storage.tsdb.no-lockfile', help: 'Do not lock the data directory.' },
      {
        name: 'storage.tsdb.wal-compression-type',
        value: 'TYPE',
        default: 'snappy',
        help: 'Compression of the write-ahead log: snappy, zstd or none.',
      },
      {
        name: 'storage.agent.path',
        value: 'DIR',
        default: 'data-agent/',
        help: 'Where the agent keeps its write-ahead log.',
      },
      {
        name: 'storage.remote.flush-deadline',
        value: 'DURATION',
        default: '1m',
        help: 'How long to send what is queued when shutting down.',
      },
      {
        name: 'storage.remote.read-sample-limit',
        value: 'N',
        default: '50000000',
        help: 'Samples one remote read may return; 0: no limit.',
      },
      {
        name: 'storage.remote.read-concurrent-limit',
        value: 'N',
        default: '10',
        help: 'Remote reads at a time; 0: no limit.',
      },
      {
        name: 'storage.remote.read-max-bytes-in-frame',
        value: 'BYTES',
        default: '1048576',
        help: 'Bytes in one frame of a streamed remote read.',
      },
    ],
  },
  {
    title: 'Queries',
    flags: [
      {
        name: 'query.lookback-delta',
        value: 'DURATION',
        default: '5m',
        help: 'How far back an instant selector looks for a sample.',
      },
      { name: 'query.timeout', value: 'DURATION', default: '2m', help: 'How long a query may take.' },
      { name: 'query.max-concurrency', value: 'N', default: '20', help: 'Queries at a time; others wait.' },
      { name: 'query.max-samples', value: 'N', default: '50000000', help: 'Samples one query may hold in memory.' },
    ],
  },
  {
    title: 'Rules and alerts',
    flags: [
      {
        name: 'rules.alert.for-outage-tolerance',
        value: 'DURATION',
        default: '1h',
        help: "How long an outage may be for an alert's `for` state to be restored.",
      },
      {
        name: 'rules.alert.for-grace-period',
        value: 'DURATION',
        default: '10m',
        help: 'Shortest wait between a restored `for` state and firing.',
      },
      {
        name: 'rules.alert.resend-delay',
        value: 'DURATION',
        default: '1m',
        help: 'Shortest wait before an alert is sent again.',
      },
      {
        name: 'rules.max-concurrent-evals',
        value: 'N',
        default: '4',
        help: 'Rules of independent groups evaluated at a time.',
      },
      {
        name: 'alertmanager.notification-queue-capacity',
        value: 'N',
        default: '10000',
        help: 'Alerts waiting to be sent.',
      },
      { name: 'alertmanager.notification-batch-size', value: 'N', default: '256', help: 'Alerts in one request.' },
      {
        name: 'alertmanager.drain-notification-queue-on-shutdown',
        default: 'true',
        help: 'Send what is queued before stopping.',
      },
    ],
  },
  {
    title: 'Log',
    flags: [
      { name: 'log.level', value: 'LEVEL', default: 'info', help: 'debug, info, warn or error.' },
      { name: 'log.format', value: 'FORMAT', default: 'logfmt', help: 'logfmt or json.' },
    ],
  },
  {
    title: 'Taken for compatibility, without effect',
    flags: [
      {
        name: 'web.console.templates',
        value: 'DIR',
        ignored: true,
        help: 'There are no console templates: the page has dashboards.',
      },
      { name: 'web.console.libraries', value: 'DIR', ignored: true, help: 'See --web.console.templates.' },
      { name: 'web.user-assets', value: 'DIR', ignored: true, help: 'Static files are not served beside the page.' },
      {
        name: 'web.max-notifications-subscribers',
        value: 'N',
        ignored: true,
        help: 'The page asks; there are no subscriptions.',
      },
      {
        name: 'storage.tsdb.wal-compression',
        ignored: true,
        help: 'The log is always compressed unless its type is none.',
      },
      {
        name: 'storage.tsdb.head-chunks-write-queue-size',
        value: 'N',
        ignored: true,
        help: 'Head chunks need no queue.',
      },
      { name: 'auto-gomaxprocs', ignored: true, help: 'Sizes another runtime.' },
      { name: 'auto-gomemlimit', ignored: true, help: 'Sizes another runtime.' },
      { name: 'auto-gomemlimit.ratio', value: 'RATIO', ignored: true, help: 'Sizes another runtime.' },
    ],
  },
];
