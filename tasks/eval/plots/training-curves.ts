import type { TrainManifest } from '../../pipeline/manifest.js';
import { COLORS, drawSvg, GRAY, namedAxis, percent, title } from './chart.js';

/** Loss of training and dev split and accuracy of the dev split over the steps, the best marked. */
export function trainingCurvesPlot({ history, best }: TrainManifest): string {
  const line = (name: string, key: 'train_loss' | 'dev_loss' | 'dev_accuracy', axis: number) => ({
    type: 'line' as const,
    name,
    xAxisIndex: axis,
    yAxisIndex: axis,
    data: history.map((point) => [point.step, point[key]]),
    symbolSize: 6,
    lineStyle: { width: 2.5 },
  });
  const last = history.at(-1)?.step ?? 1;
  const bestStep = {
    silent: true,
    symbol: 'none',
    lineStyle: { color: GRAY, type: 'dashed' as const },
    label: { show: false },
    data: [{ xAxis: best.step }],
  };
  return drawSvg(
    { width: 760, height: 640 },
    {
      title: title(
        'Training',
        `Best on the dev split at step ${best.step.toLocaleString('en')} (dashed): accuracy ${percent(best.dev_accuracy)}, loss ${best.dev_loss.toFixed(4)}`,
      ),
      legend: { bottom: 8, icon: 'roundRect' },
      grid: [
        { left: 80, right: 40, top: 80, height: 220 },
        { left: 80, right: 40, top: 330, height: 200 },
      ],
      xAxis: [
        { ...namedAxis('', 0), type: 'value', max: last, gridIndex: 0, axisLabel: { show: false } },
        { ...namedAxis('Step', 30), type: 'value', max: last, gridIndex: 1 },
      ],
      yAxis: [
        { ...namedAxis('Loss', 52), type: 'value', scale: true, gridIndex: 0 },
        { ...namedAxis('Accuracy', 52), type: 'value', scale: true, gridIndex: 1 },
      ],
      series: [
        { ...line('training loss', 'train_loss', 0), markLine: bestStep },
        line('dev loss', 'dev_loss', 0),
        { ...line('dev accuracy', 'dev_accuracy', 1), color: COLORS[2]!, markLine: bestStep },
      ],
    },
  );
}
