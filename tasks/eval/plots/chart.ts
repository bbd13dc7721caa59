import { type EChartsOption, init, type TitleComponentOption } from 'echarts';

/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Colors that people with color-blindness can tell apart (Okabe and Ito 2008). */
export const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'];
export const GRAY = '#8a8f98';

/**
 * Draws a chart as a standalone SVG document: white ground, no animation, and fonts that have Hangul
 * wherever one is installed.
 */
export function drawSvg(size: Size, option: EChartsOption): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...size });
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    color: COLORS,
    textStyle: {
      fontFamily:
        "'Noto Sans KR', 'Noto Sans CJK KR', 'Apple SD Gothic Neo', 'Malgun Gothic', NanumGothic, sans-serif",
    },
    ...option,
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

/** The title of a chart, with a line of explanation under it. */
export function title(text: string, subtext: string): TitleComponentOption {
  return {
    text,
    subtext,
    left: 'center',
    top: 8,
    textStyle: { fontSize: 18, color: '#1f2328' },
    subtextStyle: { fontSize: 13, color: '#57606a' },
  };
}

/** An axis with its name in the middle, beside the numbers. */
export function namedAxis(name: string, gap: number) {
  return {
    name,
    nameLocation: 'middle' as const,
    nameGap: gap,
    nameTextStyle: { fontSize: 13, color: '#1f2328' },
    axisLine: { show: true, lineStyle: { color: GRAY } },
    axisLabel: { color: '#1f2328' },
    splitLine: { lineStyle: { color: '#eaeef2' } },
  };
}

/** A share as a percentage of one decimal, e.g. `89.3 %`. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
