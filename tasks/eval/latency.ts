import { quantile } from 'model-registry';

/** What measuring needs of a `TextClassifier`. */
interface Classifier {
  predict(texts: readonly string[], options: { signal: AbortSignal }): Promise<unknown>;
}

/** Milliseconds for one text. */
export interface Latency {
  median_ms: number;
  p95_ms: number;
}

const TEXTS = 100;
const WARM_UP = 5;
/** Large models get fewer texts, but at least so many. */
const FEWEST = 20;
const BUDGET_MS = 20_000;

/**
 * How long each classifier takes for one text at a time. All of them get the same texts, drawn evenly
 * from those given, in turn: what else the machine does then slows all of them alike.
 *
 * @throws the signal's reason
 */
export async function measureLatency(
  classifiers: readonly Classifier[],
  texts: readonly string[],
  signal: AbortSignal,
): Promise<Latency[]> {
  const times: number[][] = classifiers.map(() => []);
  const started = performance.now();
  for (let turn = 0; turn < WARM_UP + TEXTS; turn++) {
    const measured = turn - WARM_UP;
    if (measured >= FEWEST && performance.now() - started > BUDGET_MS) break;
    const text = texts[Math.floor((Math.max(0, measured) * texts.length) / TEXTS)]!;
    for (const [index, classifier] of classifiers.entries()) {
      const start = performance.now();
      await classifier.predict([text], { signal });
      if (measured >= 0) times[index]!.push(performance.now() - start);
    }
  }
  return times.map((one) => {
    const sorted = Float64Array.from(one).sort();
    const rounded = (share: number) => Number(quantile(sorted, share).toPrecision(4));
    return { median_ms: rounded(0.5), p95_ms: rounded(0.95) };
  });
}
