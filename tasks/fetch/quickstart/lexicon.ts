import type { Predicate, Style } from '../korean/conjugation.js';

/** What a film review talks about, and the words for it. */
export const ASPECTS = {
  story: ['스토리', '줄거리', '이야기', '시나리오', '각본'],
  acting: ['연기', '배우들 연기', '주연 연기', '조연들 연기', '아역 연기', '주인공 연기'],
  music: ['음악', '배경음악', '노래', '주제가'],
  visual: ['영상', '영상미', '화면', '색감', '미술'],
  pacing: ['전개', '초반 전개', '후반부', '중반부', '초반부'],
  directing: ['연출', '편집', '장면 연결', '카메라 구도', '감독의 연출'],
  dialogue: ['대사', '유머', '농담', '주고받는 말'],
  ending: ['결말', '마무리', '반전', '마지막 장면'],
  character: ['캐릭터', '주인공', '악역', '등장인물'],
  action: ['액션', '액션 장면', '추격 장면', '격투 장면'],
  effects: ['특수효과', '그래픽', '분장'],
  idea: ['소재', '설정', '세계관', '주제'],
  whole: ['영화', '작품', '이 영화', '이 작품'],
} as const satisfies Record<string, readonly string[]>;

export type Aspect = keyof typeof ASPECTS;

/** A predicate that judges some aspects, or all of them. */
export interface Judgment extends Predicate {
  of: readonly Aspect[] | 'all';
  /** Which negations sound natural: 좋지 않다 (long), 안 좋다 (short). */
  negation?: 'long' | 'both';
  /** Knows no degrees: 진짜 최악이다, but not 꽤 최악이다. */
  absolute?: true;
}

type Options = Omit<Judgment, keyof Predicate | 'of'>;

type Of = Judgment['of'];
type Negation = Judgment['negation'];

const predicate =
  (kind: Judgment['kind']) =>
  (stem: string, infinitive: string, of: Of, options?: Options): Judgment => ({
    kind,
    stem,
    infinitive,
    of,
    ...options,
  });
const adjective = predicate('adjective');
const verb = predicate('verb');
const existence = (stem: string, of: Of, options?: Options) =>
  predicate('existence')(stem, `${stem}어`, of, options);
const noun = (stem: string, of: Of, options?: Options) =>
  predicate('copula')(stem, '', of, options);

/** 훌륭하 → 훌륭해. */
const hada = (root: string, of: Of, negation?: Negation) =>
  adjective(`${root}하`, `${root}해`, of, negation && { negation });

/** Adjectives whose ㅂ melts: 아름답다, 아름다워, 아름다운. */
const bieup = (stem: string, openStem: string, of: Of, negation?: Negation): Judgment => ({
  ...adjective(stem, `${openStem.slice(0, -1)}워`, of, negation && { negation }),
  openStem,
});

/** Predicates of praise. */
export const PRAISE: readonly Judgment[] = [
  adjective('좋', '좋아', 'all', { negation: 'both' }),
  hada('훌륭', 'all'),
  noun('최고', 'all', { absolute: true }),
  noun('인상적', 'all', { negation: 'long' }),
  hada('탄탄', ['story', 'idea', 'character'], 'long'),
  hada('신선', ['story', 'idea', 'directing', 'ending'], 'long'),
  hada('참신', ['idea', 'directing', 'story'], 'long'),
  adjective('뛰어나', '뛰어나', ['acting', 'visual', 'directing', 'effects', 'music']),
  bieup('아름답', '아름다우', ['visual', 'music', 'ending'], 'long'),
  bieup('자연스럽', '자연스러우', ['acting', 'dialogue', 'pacing', 'effects', 'directing'], 'long'),
  existence('재미있', ['story', 'dialogue', 'whole', 'action', 'idea'], { negation: 'long' }),
  existence('재밌', ['story', 'dialogue', 'whole', 'character'], { negation: 'both' }),
  noun('감동적', ['story', 'ending', 'music', 'whole', 'acting'], { negation: 'long' }),
  hada('완벽', ['acting', 'directing', 'ending', 'whole'], 'long'),
  hada('섬세', ['acting', 'directing', 'visual'], 'long'),
  noun('매력적', ['character', 'idea', 'visual', 'acting'], { negation: 'long' }),
  hada('시원시원', ['action', 'pacing']),
  hada('깔끔', ['directing', 'ending', 'pacing', 'story'], 'long'),
  hada('흥미진진', ['story', 'pacing', 'whole'], 'long'),
  adjective('세련되', '세련돼', ['visual', 'directing', 'music'], { negation: 'long' }),
  hada('화려', ['action', 'visual', 'effects']),
  verb('박진감 넘치', '박진감 넘쳐', ['action', 'pacing']),
  hada('통쾌', ['action', 'ending'], 'long'),
  hada('탁월', ['acting', 'directing', 'music']),
  hada('생생', ['visual', 'effects', 'character'], 'long'),
  hada('기발', ['idea', 'ending', 'dialogue']),
  verb('웃기', '웃겨', ['dialogue', 'whole'], { negation: 'both' }),
  bieup('사랑스럽', '사랑스러우', ['character', 'whole'], 'long'),
];

/** Predicates of blame. */
export const BLAME: readonly Judgment[] = [
  noun('별로', 'all', { absolute: true }),
  noun('최악', 'all', { absolute: true }),
  noun('엉망', 'all', { absolute: true }),
  existence('형편없', 'all', { absolute: true }),
  adjective('나쁘', '나빠', 'all', { negation: 'long' }),
  bieup('아쉽', '아쉬우', 'all', 'long'),
  bieup('실망스럽', '실망스러우', 'all', 'long'),
  hada('지루', ['story', 'pacing', 'dialogue', 'whole'], 'both'),
  hada('따분', ['story', 'pacing', 'whole'], 'long'),
  hada('어색', ['acting', 'dialogue', 'pacing', 'effects', 'directing'], 'both'),
  bieup('부자연스럽', '부자연스러우', ['acting', 'dialogue', 'effects'], 'long'),
  hada('뻔', ['story', 'ending', 'pacing', 'idea', 'dialogue'], 'both'),
  hada('유치', ['story', 'dialogue', 'idea', 'effects', 'action'], 'both'),
  hada('허술', ['story', 'idea', 'effects', 'directing'], 'long'),
  hada('엉성', ['directing', 'effects', 'story', 'ending'], 'long'),
  hada('산만', ['pacing', 'directing', 'story', 'visual'], 'both'),
  hada('조잡', ['effects', 'visual'], 'long'),
  bieup('억지스럽', '억지스러우', ['idea', 'ending', 'story', 'dialogue'], 'long'),
  hada('답답', ['pacing', 'character', 'story'], 'both'),
  bieup('촌스럽', '촌스러우', ['visual', 'music', 'dialogue'], 'both'),
  hada('식상', ['idea', 'story', 'ending'], 'long'),
  hada('진부', ['story', 'idea', 'dialogue'], 'long'),
  verb('늘어지', '늘어져', ['pacing', 'story'], { negation: 'long' }),
  hada('밋밋', ['character', 'pacing', 'ending', 'action'], 'long'),
  bieup('시끄럽', '시끄러우', ['music', 'action'], 'both'),
  hada('과', ['acting', 'music', 'effects'], 'long'),
  hada('허무', ['ending', 'story'], 'both'),
  existence('재미없', ['story', 'dialogue', 'whole', 'character']),
];

/** What the film did to its viewer: ends a review or stands after a contrast. */
export const DELIGHT: readonly Predicate[] = [
  verb('몰입이 잘 되', '몰입이 잘 돼', 'all'),
  existence('눈을 뗄 수 없', 'all'),
  existence('지루할 틈이 없', 'all'),
  existence('흠잡을 데가 없', 'all'),
  existence('나무랄 데가 없', 'all'),
  existence('군더더기가 없', 'all'),
  existence('버릴 장면이 없', 'all'),
  noun('기대 이상', 'all'),
  verb('여운이 오래 남', '여운이 오래 남아', 'all'),
  verb('눈물이 멈추지 않', '눈물이 멈추지 않아', 'all'),
  adjective('돈이 아깝지 않', '돈이 아깝지 않아', 'all'),
  adjective('시간이 아깝지 않', '시간이 아깝지 않아', 'all'),
  adjective('전작 못지않', '전작 못지않아', 'all'),
  adjective('또 보고 싶', '또 보고 싶어', 'all'),
  adjective('추천하고 싶', '추천하고 싶어', 'all'),
  hada('입소문이 날 만', 'all'),
  verb('실컷 웃', '실컷 웃어', 'all'),
];

export const DISMAY: readonly Predicate[] = [
  verb('몰입이 안 되', '몰입이 안 돼', 'all'),
  verb('집중이 안 되', '집중이 안 돼', 'all'),
  verb('몰입하지 못하', '몰입하지 못해', 'all'),
  verb('기대에 미치지 못하', '기대에 미치지 못해', 'all'),
  adjective('전작만 못하', '전작만 못해', 'all'),
  noun('기대 이하', 'all'),
  bieup('시간이 아깝', '시간이 아까우', 'all'),
  bieup('돈이 아깝', '돈이 아까우', 'all'),
  existence('볼 게 없', 'all'),
  existence('남는 게 없', 'all'),
  existence('감동이 없', 'all'),
  existence('긴장감이 없', 'all'),
  existence('웃을 장면이 없', 'all'),
  existence('공감할 수 없', 'all'),
  verb('하품만 나오', '하품만 나와', 'all'),
  verb('졸음이 쏟아지', '졸음이 쏟아져', 'all'),
  adjective('중간에 나가고 싶', '중간에 나가고 싶어', 'all'),
  adjective('다시 보고 싶지 않', '다시 보고 싶지 않아', 'all'),
  adjective('추천하고 싶지 않', '추천하고 싶지 않아', 'all'),
];

/** Adverbs by what they go with; those of negation as in 전혀 지루하지 않다. */
export const ADVERBS = {
  absolute: ['정말', '진짜', '역시', '그야말로'],
  any: [
    '정말',
    '진짜',
    '너무',
    '아주',
    '참',
    '꽤',
    '상당히',
    '굉장히',
    '무척',
    '생각보다',
    '의외로',
    '역시',
  ],
  blame: ['좀', '조금', '약간', '다소', '솔직히'],
  negation: ['전혀', '하나도', '그다지', '그렇게', '별로'],
} as const;

/** How the film came to be seen; neutral, and of any style. */
export const OPENERS: readonly string[] = [
  '주말에 가족들과 봤는데',
  '친구가 추천해서 봤는데',
  '개봉하자마자 봤는데',
  '집에서 혼자 봤는데',
  '원작을 읽고 봤는데',
  '별생각 없이 봤는데',
  '포스터만 보고 골랐는데',
  '아이들과 함께 봤는데',
  '오랜만에 극장에서 봤는데',
  '벌써 두 번째 보는데',
  '배우 보고 예매했는데',
  '예고편에 끌려서 봤는데',
  '평점 보고 봤는데',
  '동생이 보자고 해서 봤는데',
  '심야로 봤는데',
  '어제 보고 왔는데',
];

/** What an audience is called that thinks otherwise. */
export const OTHERS: readonly string[] = [
  '다들',
  '친구들은',
  '평론가들은',
  '남편은',
  '다른 사람들은',
  '엄마는',
];

/** Last words by what they say; `neutral` fits any review. */
export const CLOSERS: Record<
  'positive' | 'negative' | 'neutral',
  Record<Style, readonly string[]>
> = {
  positive: {
    plain: ['한 번 더 볼 생각이다', '꼭 극장에서 보길 바란다', '별 다섯 개도 모자라다'],
    polite: ['꼭 보세요', '한 번 더 볼 거예요', '별 다섯 개도 모자라요'],
    formal: ['추천합니다', '꼭 극장에서 보시기 바랍니다', '별 다섯 개도 모자랍니다'],
    casual: ['꼭 봐', '한 번 더 볼래', '이건 봐야 해'],
    note: ['강추', '한 번 더 볼 예정', '별 다섯 개도 모자람'],
  },
  negative: {
    plain: ['두 번은 못 보겠다', '예매한 내가 바보다', '별 하나도 아깝다'],
    polite: ['보지 마세요', '두 번은 못 보겠어요', '별 하나도 아까워요'],
    formal: ['추천하지 않습니다', '두 번은 못 보겠습니다', '별 하나도 아깝습니다'],
    casual: ['보지 마', '두 번은 못 보겠어', '내 돈 돌려줘'],
    note: ['비추', '두 번은 못 봄', '별 하나도 아까움'],
  },
  neutral: {
    plain: ['물론 내 생각이다', '사람마다 다를 것이다', '판단은 각자의 몫이다'],
    polite: ['제 생각은 그래요', '참고만 하세요', '사람마다 다를 거예요'],
    formal: ['개인적인 의견입니다', '참고하시기 바랍니다', '사람마다 다를 수 있습니다'],
    casual: ['내 생각은 그래', '아님 말고', '사람마다 다르겠지'],
    note: ['개인적인 생각임', '참고 바람', '취향 차이일 수 있음'],
  },
};

/** How keyboards and spelling slip, as [right, written]. */
export const MISSPELLINGS: readonly (readonly [string, string])[] = [
  ['지 않', '지 안'],
  ['않', '안'],
  ['재밌', '잼있'],
  ['재미있', '재밋'],
  ['돼', '되'],
  ['됐', '됬'],
  ['없', '업'],
  ['었', '엇'],
  ['았', '앗'],
  ['했', '햇'],
  ['봤', '봣'],
  ['굉장히', '굉장이'],
  ['웬만', '왠만'],
  ['너무', '넘'],
  ['진짜', '진자'],
  ['습니다', '슴니다'],
];

/** Signs at the end. They lean to a side, but most serve both. */
export const SIGNS = {
  positive: ['👍', '😍', '❤️', '👏', '^^'],
  negative: ['👎', '😡', '😴', ';;', '쯧쯧'],
  either: ['ㅋㅋ', 'ㅋㅋㅋ', 'ㅋㅋㅋㅋ', 'ㅎㅎ', 'ㅠㅠ', 'ㅠㅠㅠ', 'ㅜㅜ', '😂', '😭', '😅'],
} as const;
