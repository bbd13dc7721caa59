import type { CustomSeriesOption } from 'echarts';
import type { ReliabilityBin } from 'model-registry';
import type { Estimate } from '../wilson.js';
import { drawSvg, GRAY, namedAxis, title } from './chart.js';

/** Light enough that the diagonal is seen across it. */
const BAR = '#74b3d8';

/**
 * Above: accuracy against confidence, on the diagonal where the model is calibrated, under it where
 * it is too sure of itself. Below: how many texts each bin has.
 */
export function reliabilityPlot(bins: readonly ReliabilityBin[], ece: Estimate): string {
  const filled = bins.filter(({ rows }) => rows > 0);
  const from = Math.min(...filled.map(({ low }) => low));
  const edges = { min: Math.floor(from * 10) / 10, max: 1 };
  const bars = (
    name: string,
    height: (bin: ReliabilityBin) => number,
    color: string,
    axis: number,
  ): CustomSeriesOption => ({
    type: 'custom',
    name,
    color,
    xAxisIndex: axis,
    yAxisIndex: axis,
    data: filled.map((bin) => [(bin.low + bin.high) / 2, height(bin)]),
    renderItem: ({ dataIndex }, api) => {
      const bin = filled[dataIndex]!;
      const [left, top] = api.coord([bin.low, height(bin)]);
      const [right, bottom] = api.coord([bin.high, 0]);
      return {
        type: 'rect',
        shape: { x: left! + 1, y: top!, width: right! - left! - 2, height: bottom! - top! },
        style: { fill: color },
      };
    },
  });
  return drawSvg(
    { width: 620, height: 670 },
    {
      title: title(
        'Reliability',
        `Expected calibration error ${ece.value.toFixed(4)}, 95 % interval ${ece.low.toFixed(4)} to ${ece.high.toFixed(4)}`,
      ),
      legend: {
        bottom: 8,
        data: [
          { name: 'accuracy', icon: 'roundRect' },
          { name: 'perfectly calibrated', itemStyle: { opacity: 0 } },
        ],
      },
      grid: [
        { left: 80, right: 40, top: 76, height: 370 },
        { left: 80, right: 40, top: 500, height: 90 },
      ],
      xAxis: [
        { ...namedAxis('', 0), type: 'value', ...edges, gridIndex: 0, axisLabel: { show: false } },
        { ...namedAxis('Confidence', 32), type: 'value', ...edges, gridIndex: 1 },
      ],
      yAxis: [
        { ...namedAxis('Accuracy', 48), type: 'value', min: 0, max: 1, gridIndex: 0 },
        { ...namedAxis('Texts', 48), type: 'value', gridIndex: 1, splitNumber: 2 },
      ],
      series: [
        bars('accuracy', ({ accuracy }) => accuracy, BAR, 0),
        {
          type: 'line',
          name: 'perfectly calibrated',
          xAxisIndex: 0,
          yAxisIndex: 0,
          data: [
            [edges.min, edges.min],
            [1, 1],
          ],
          symbol: 'none',
          color: '#1f2328',
          lineStyle: { color: '#1f2328', type: 'dashed', width: 2 },
        },
        bars('texts', ({ rows }) => rows, GRAY, 1),
      ],
    },
  );
}
