import type { Counter, Gauge, HistogramMetric, Registry, Vec } from '../runtime/index.ts';

/** What the server says of its requests, under Prometheus's names. The handler is a route's path, never a request's. */
export class HttpMetrics {
  readonly #requests: Vec<Counter>;
  readonly #seconds: Vec<HistogramMetric>;
  readonly #bytes: Vec<HistogramMetric>;
  readonly #ready: Gauge;

  constructor(registry: Registry) {
    this.#requests = registry.counterVec('prometheus_http_requests_total', 'Counter of HTTP requests.', [
      'handler',
      'code',
    ]);
    this.#seconds = registry.histogramVec(
      'prometheus_http_request_duration_seconds',
      'Histogram of latencies for HTTP requests.',
      ['handler'],
      [0.1, 0.2, 0.4, 1, 3, 8, 20, 60, 120],
    );
    this.#bytes = registry.histogramVec(
      'prometheus_http_response_size_bytes',
      'Histogram of response size for HTTP requests.',
      ['handler'],
      [100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000],
    );
    this.#ready = registry.gauge(
      'prometheus_ready',
      'Whether Prometheus startup was fully completed and the server is ready for normal operation.',
    );
  }

  answered(handler: string, status: number, seconds: number, bytes: number): void {
    this.#requests.with(handler, String(status)).inc();
    this.#seconds.with(handler).observe(seconds);
    this.#bytes.with(handler).observe(bytes);
  }

  setReady(isReady: boolean): void {
    this.#ready.set(isReady ? 1 : 0);
  }
}
