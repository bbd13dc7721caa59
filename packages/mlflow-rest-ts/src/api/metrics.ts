import type { Answer } from '../answer.js';
import type { CallOptions, Http } from '../http.js';
import type { Int64 } from '../json.js';
import { type NextPage, paginate } from '../pages.js';
import { endpoint } from './endpoint.js';

export interface Metric {
  key: string;
  /** May be NaN or ±Infinity. */
  value: number;
  /** Milliseconds since 1970. */
  timestamp: number;
  /** A `number`, or a `bigint` beyond ±2^53. */
  step: Int64;
  /** The logged model that it was measured on. */
  modelId: string | undefined;
  /** The data set that it was measured on. */
  datasetName: string | undefined;
  datasetDigest: string | undefined;
  runId: string | undefined;
}

/** A metric to log. */
export interface NewMetric {
  key: string;
  /** May be NaN or ±Infinity. */
  value: number;
  /** Milliseconds since 1970. @default now */
  timestamp?: number | undefined;
  /** @default 0 */
  step?: Int64 | undefined;
  /** The logged model that it was measured on. */
  modelId?: string | undefined;
  /** The data set that it was measured on; goes together with its digest. */
  datasetName?: string | undefined;
  /** At most 36 characters. */
  datasetDigest?: string | undefined;
}

export interface GetHistory extends CallOptions {
  runId: string;
  key: string;
  /** Points a page, 25000 at most. @default 25000 */
  maxResults?: number | undefined;
  pageToken?: string | undefined;
}

export interface GetHistoryBulkInterval extends CallOptions {
  /** At most 100 runs. */
  runIds: string[];
  key: string;
  startStep?: number | undefined;
  endStep?: number | undefined;
  /** Points a run, 2500 at most: the server thins the history out to as many. */
  maxResults: number;
}

export interface MetricPage extends NextPage {
  metrics: Metric[];
}

/** `metrics/…`: the history of metrics. They are logged with `runs.logMetric` or `logMetrics`. */
export class Metrics {
  constructor(private readonly http: Http) {}

  /** One page of all values that a metric had. */
  getHistory(params: GetHistory): Promise<MetricPage> {
    const { runId, key, maxResults = 25_000, pageToken } = params;
    return this.http.json(
      endpoint('GET', 'metrics/get-history'),
      { run_id: runId, metric_key: key, max_results: maxResults, page_token: pageToken },
      (answer) => ({
        metrics: answer.list('metrics', toMetric),
        nextPageToken: answer.optionalString('next_page_token'),
      }),
      params,
    );
  }

  /** Every value that a metric had, page after page, in the order in which it was logged. */
  getHistoryAll(params: GetHistory): AsyncGenerator<Metric, void, undefined> {
    return paginate(
      (pageToken = params.pageToken) => this.getHistory({ ...params, pageToken }),
      (page) => page.metrics,
    );
  }

  /** A metric of several runs, thinned out for a chart; `runId` of each point is set. */
  getHistoryBulkInterval(params: GetHistoryBulkInterval): Promise<Metric[]> {
    const { runIds, key, startStep, endStep, maxResults } = params;
    return this.http.json(
      endpoint('GET', 'metrics/get-history-bulk-interval'),
      {
        run_ids: runIds,
        metric_key: key,
        start_step: startStep,
        end_step: endStep,
        max_results: maxResults,
      },
      (answer) => answer.list('metrics', toMetric),
      params,
    );
  }
}

/** A metric as the REST API takes it. */
export function metricBody(metric: NewMetric) {
  const { key, value, timestamp = Date.now(), step = 0 } = metric;
  return {
    key,
    value,
    timestamp,
    step,
    model_id: metric.modelId,
    dataset_name: metric.datasetName,
    dataset_digest: metric.datasetDigest,
  };
}

export function toMetric(answer: Answer): Metric {
  return {
    key: answer.string('key'),
    value: answer.optionalNumber('value') ?? 0,
    timestamp: answer.optionalNumber('timestamp') ?? 0,
    step: answer.int64('step'),
    modelId: answer.optionalString('model_id'),
    datasetName: answer.optionalString('dataset_name'),
    datasetDigest: answer.optionalString('dataset_digest'),
    runId: answer.optionalString('run_id'),
  };
}
