import { accuracy, type ConfusionMatrix } from '../confusion.js';
import { drawSvg, namedAxis, percent, title } from './chart.js';

/** Each cell with its rows and its share of the true label's rows, darker where that is greater. */
export function confusionMatrixPlot(matrix: ConfusionMatrix, labels: readonly string[]): string {
  const cells = matrix.flatMap((row, truth) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.map((count, predicted) => ({
      value: [predicted, truth, total === 0 ? 0 : count / total],
      label: {
        formatter: `{count|${count.toLocaleString('en')}}\n${percent(total === 0 ? 0 : count / total)}`,
        color: count / total > 0.5 ? '#ffffff' : '#1f2328',
      },
    }));
  });
  const longest = Math.min(10, Math.max(...labels.map((label) => label.length)));
  const margin = 44 + 14 * longest;
  const name = {
    color: '#1f2328',
    fontSize: 13,
    interval: 0,
    width: 14 * longest,
    overflow: 'truncate' as const,
  };
  const side = Math.max(360, 96 * labels.length);
  const rows = matrix.flat().reduce((sum, count) => sum + count, 0);
  return drawSvg(
    { width: side + 2 * margin, height: side + 150 },
    {
      title: title(
        'Confusion matrix',
        `${rows.toLocaleString('en')} texts, accuracy ${percent(accuracy(matrix))}; shares are of the true label`,
      ),
      grid: { left: margin, top: 80, width: side, height: side },
      xAxis: {
        ...namedAxis('Predicted label', 36),
        type: 'category',
        data: [...labels],
        axisLabel: { ...name, width: 90 },
        axisTick: { show: false },
      },
      yAxis: {
        ...namedAxis('True label', margin - 24),
        type: 'category',
        data: [...labels],
        axisLabel: name,
        inverse: true,
        axisTick: { show: false },
      },
      visualMap: {
        show: false,
        min: 0,
        max: 1,
        dimension: 2,
        inRange: { color: ['#f6f9fc', '#9ecae1', '#0072b2', '#00507d'] },
      },
      series: {
        type: 'heatmap',
        data: cells,
        label: {
          show: true,
          fontSize: 13,
          lineHeight: 20,
          rich: { count: { fontSize: 17, fontWeight: 'bold', lineHeight: 24 } },
        },
        itemStyle: { borderColor: '#ffffff', borderWidth: 2 },
      },
    },
  );
}
