import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { METRICS_NAMESPACE, type MetricName } from '../contracts/metrics.ts';

/** Counts what happened; `flush` writes it out, once at the end of each invocation. */
export interface Counters {
  count(name: MetricName, value?: number): void;
  flush(): void;
}

/**
 * Metrics by embedded metric format: log lines that CloudWatch reads, so no call is made.
 *
 * @param service - the entry's name; the only dimension, as tenants would be too many
 */
export const makeCounters = (service: string): Counters => {
  const metrics = new Metrics({ namespace: METRICS_NAMESPACE, serviceName: service });
  return {
    count(name, value = 1) {
      if (value !== 0) metrics.addMetric(name, MetricUnit.Count, value);
    },
    flush() {
      // Without this, Powertools warns about each invocation that counted nothing.
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    },
  };
};
