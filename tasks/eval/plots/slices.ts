import type { Slice } from '../slices.js';
import type { Estimate } from '../wilson.js';
import { COLORS, drawSvg, GRAY, namedAxis, percent, title } from './chart.js';

/** The accuracy of each slice with its interval, beside that of the whole test split. */
export function slicesPlot(slices: readonly Slice[], whole: Estimate): string {
  const points = slices.map(({ accuracy }, place) => [accuracy.value, place]);
  const lowest = Math.min(whole.low, ...slices.map(({ accuracy }) => accuracy.low));
  const step = lowest > 0.7 ? 0.05 : 0.1;
  return drawSvg(
    { width: 760, height: 170 + 40 * slices.length },
    {
      title: title(
        'Accuracy by slice',
        `With 95 % intervals; the dashed line is the whole test split, ${percent(whole.value)}`,
      ),
      grid: { left: 210, right: 40, top: 80, bottom: 60 },
      xAxis: {
        ...namedAxis('Accuracy', 34),
        type: 'value',
        min: Math.floor(lowest / step) * step,
        max: 1,
        interval: step,
        axisLabel: {
          color: '#1f2328',
          formatter: (share: number) => `${Math.round(100 * share)} %`,
        },
      },
      yAxis: {
        type: 'category',
        inverse: true,
        data: slices.map(({ name, rows }) => `${name}\n{rows|${rows.toLocaleString('en')} texts}`),
        axisTick: { show: false },
        axisLine: { lineStyle: { color: GRAY } },
        axisLabel: {
          color: '#1f2328',
          fontSize: 13,
          rich: { rows: { color: '#57606a', fontSize: 11, lineHeight: 15 } },
        },
      },
      series: [
        {
          type: 'custom',
          data: points,
          renderItem: ({ dataIndex }, api) => {
            const { low, high } = slices[dataIndex]!.accuracy;
            const [left, y] = api.coord([low, dataIndex]);
            const [right] = api.coord([high, dataIndex]);
            return {
              type: 'line',
              shape: { x1: left!, y1: y!, x2: right!, y2: y! },
              style: { stroke: COLORS[0]!, lineWidth: 3 },
            };
          },
        },
        {
          type: 'scatter',
          data: points,
          symbolSize: 11,
          color: COLORS[0]!,
          markLine: {
            silent: true,
            symbol: 'none',
            // ECharts rounds the position to two digits otherwise: to a whole percent.
            precision: 6,
            label: { show: false },
            lineStyle: { color: GRAY, type: 'dashed' },
            data: [{ xAxis: whole.value }],
          },
        },
      ],
    },
  );
}
