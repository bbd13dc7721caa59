import { lengthQuantile, longerThan, type TokenStatistics } from '../../cache/token-statistics.js';
import { COLORS, drawSvg, GRAY, namedAxis, percent, title } from '../../eval/plots/chart.js';
import type { Profile } from './profile.js';

/** How many texts of the train split have each label. */
export function labelsPlot({ labels, texts }: Profile): string {
  const names = Object.keys(labels);
  return drawSvg(
    { width: 760, height: 150 + 36 * names.length },
    {
      title: title('Labels of the train split', `${texts.toLocaleString('en')} texts`),
      grid: { left: 150, right: 110, top: 76, bottom: 50 },
      xAxis: { ...namedAxis('Texts', 30), type: 'value' },
      yAxis: {
        ...namedAxis('', 0),
        type: 'category',
        data: names,
        inverse: true,
        axisTick: { show: false },
        axisLabel: { color: '#1f2328', width: 130, overflow: 'truncate' },
      },
      series: {
        type: 'bar',
        data: Object.values(labels),
        color: COLORS[0]!,
        label: {
          show: true,
          position: 'right',
          formatter: ({ value }) =>
            `${Number(value).toLocaleString('en')} (${percent(Number(value) / texts)})`,
        },
      },
    },
  );
}

/** How many tokens the texts of the train split have, and where they are cut off. */
export function lengthsPlot(tokens: TokenStatistics & { max_length: number }): string {
  const { lengths, max_length } = tokens;
  const last = Math.ceil((Math.max(max_length, lengthQuantile(tokens, 0.999)) + 1) / 10) * 10;
  const data = lengths.slice(0, last).map((texts, length) => [length, texts]);
  const cut = percent(longerThan(tokens, max_length) / tokens.texts);
  return drawSvg(
    { width: 760, height: 420 },
    {
      title: title(
        'Tokens of a text in the train split',
        `Median ${lengthQuantile(tokens, 0.5)}; ${cut} of the texts are longer than max_length ${max_length}, the dashed line`,
      ),
      grid: { left: 80, right: 40, top: 80, bottom: 60 },
      xAxis: { ...namedAxis('Tokens, with [CLS] and [SEP]', 34), type: 'value', min: 0, max: last },
      yAxis: { ...namedAxis('Texts', 56), type: 'value' },
      series: {
        type: 'bar',
        data,
        color: COLORS[0]!,
        barCategoryGap: '10%',
        markLine: {
          silent: true,
          symbol: 'none',
          label: { show: false },
          lineStyle: { color: GRAY, type: 'dashed' },
          data: [{ xAxis: max_length }],
        },
      },
    },
  );
}
