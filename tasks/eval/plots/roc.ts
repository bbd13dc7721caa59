import { once, type Scores } from 'model-registry';
import { areaUnderRoc, rank, rankedLabels, rocCurve } from '../roc.js';
import type { Estimate } from '../wilson.js';
import { drawSvg, GRAY, namedAxis, title } from './chart.js';

/**
 * The ROC curve of two labels' second, or of each label against the rest; none for a label that all
 * rows have, or no row.
 */
export function rocPlot(scores: Scores, labels: readonly string[], auc: Estimate): string {
  const curves = rankedLabels(scores.classes)
    .map((label) => ({ label, auc: areaUnderRoc(rank(scores, label), once(scores)) }))
    .filter(({ auc }) => Number.isFinite(auc))
    .map(({ label, auc }) => ({
      name: `${labels[label]} (AUC ${auc.toFixed(4)})`,
      points: rocCurve(scores, label, 0.002),
    }));
  return drawSvg(
    { width: 620, height: 620 },
    {
      title: title(
        'ROC curve',
        `AUC ${auc.value.toFixed(4)}, 95 % interval ${auc.low.toFixed(4)} to ${auc.high.toFixed(4)}`,
      ),
      legend: {
        orient: 'vertical',
        right: 60,
        bottom: 90,
        data: curves.map(({ name }) => name),
        icon: 'roundRect',
        backgroundColor: '#ffffff',
      },
      grid: { left: 80, right: 40, top: 76, bottom: 64 },
      xAxis: { ...namedAxis('False positive rate', 34), type: 'value', min: 0, max: 1 },
      yAxis: { ...namedAxis('True positive rate', 44), type: 'value', min: 0, max: 1 },
      series: [
        ...curves.map(({ name, points }) => ({
          type: 'line' as const,
          name,
          data: points.map((point) => [...point]),
          symbol: 'none',
          lineStyle: { width: 2.5 },
        })),
        {
          type: 'line',
          name: 'chance',
          data: [
            [0, 0],
            [1, 1],
          ],
          symbol: 'none',
          lineStyle: { color: GRAY, type: 'dashed', width: 1.5 },
        },
      ],
    },
  );
}
