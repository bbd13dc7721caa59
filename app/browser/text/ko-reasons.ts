import type { Comparison } from 'model-registry';

/** 챔피언과의 비교를 한국어 문장으로. 숫자로 말할 수 없으면 undefined: 서버의 영어 문장을 그대로 보인다. */
export function koReasons(comparison: Comparison): string[] | undefined {
  const { challenger, champion, figures, passed, limits, obstacle } = comparison;
  if (obstacle) return obstacle === 'unreadable' ? undefined : [OBSTACLES[obstacle]];
  if (!figures || !passed || !limits || !champion) return undefined;
  const { rows, accuracy, mcnemar, calibration, worstSlice, latency } = figures;
  const name = challenger.version === null ? '새 모델' : `버전 ${challenger.version}`;
  const other = `버전 ${champion.version}`;
  const sureness =
    mcnemar.p >= LEVEL
      ? '오차 범위 안입니다'
      : accuracy.difference > 0
        ? '우연으로 보기 어려운 향상입니다'
        : '우연으로 보기 어려운 하락입니다';
  const onAccuracy =
    `같은 문장 ${rows}개에서 ${name}의 정확도는 ${other} 대비 ${points(accuracy.difference)} %p입니다` +
    ` (95 %: ${points(accuracy.low)} ~ ${points(accuracy.high)}). ${sureness} (McNemar p = ${chance(mcnemar.p)}).`;

  const beyond: string[] = [];
  if (passed.calibration) {
    beyond.push(
      `확률을 덜 믿을 수 있습니다: 보정 오차 ${calibration.challenger.toFixed(4)}, ${other}은 ${calibration.champion.toFixed(4)} (허용 +${limits.calibrationIncrease}).`,
    );
  }
  if (passed.slice && worstSlice) {
    beyond.push(
      `부분 ‘${worstSlice.name}’(문장 ${worstSlice.rows}개)에서 ${(-100 * worstSlice.difference).toFixed(2)} %p 낮습니다 (p = ${chance(worstSlice.p)}, 허용 ${Number((100 * limits.sliceDrop).toFixed(2))} %p).`,
    );
  }
  if (passed.latency && latency) {
    beyond.push(
      `한 문장에 ${latency.challenger.toFixed(1)} ms로 ${other}(${latency.champion.toFixed(1)} ms)의 ${latency.ratio.toFixed(1)}배 걸립니다 (허용 ${limits.slowdown}배).`,
    );
  }
  if (mcnemar.p < LEVEL && accuracy.difference < 0) return [onAccuracy, ...beyond];
  if (beyond.length > 0) return [...beyond, onAccuracy];
  return [
    onAccuracy,
    latency
      ? `보정, 부분별 정확도, 지연(한 문장에 ${latency.challenger.toFixed(1)} ms, ${other} ${latency.champion.toFixed(1)} ms)은 허용 범위 안입니다.`
      : '보정과 부분별 정확도는 허용 범위 안입니다. 지연은 나란히 재지 않았습니다.',
  ];
}

const LEVEL = 0.05;

const OBSTACLES = {
  'no champion': 'Production에 비교할 버전이 없습니다. 기준 정확도만으로 정합니다.',
  'is champion': '이 버전이 지금 Production에 있습니다.',
  'other labels': '두 버전이 아는 레이블이 서로 다릅니다.',
  'other test set': '두 버전은 서로 다른 테스트 문장으로 평가되었습니다.',
  'not judged': '두 버전 가운데 하나는 평가 기록이 없습니다.',
};

/** 부호를 붙여서: `+1.20`. */
function points(share: number): string {
  const value = (100 * share).toFixed(2);
  return share > 0 ? `+${value}` : value;
}

function chance(p: number): string {
  return p < 0.001 ? p.toExponential(0) : p.toFixed(3);
}
