/** A data set of the hub by a name of ours. */
export interface DatasetPreset {
  /** `owner/name`. */
  repository: string;
  /** @default the newest on its main branch */
  revision?: string;
  subset?: string;
  /** The columns of text and label, where they have not the usual names. */
  text?: string;
  label?: string;
  /** Where the test split is hidden, as KLUE's is: the one that is judged on instead. */
  testSplit?: string;
  /** Of the labels 0, 1, … */
  labelNames: readonly string[];
}

/** Data sets that `dataset.name` knows by a short name. */
export const DATASETS: Readonly<Record<string, DatasetPreset>> = {
  nsmc: {
    repository: 'e9t/nsmc',
    // The repository itself holds a Python script; the hub keeps its output as parquet here.
    revision: 'refs/convert/parquet',
    labelNames: ['negative', 'positive'],
  },
  'klue-ynat': {
    repository: 'klue/klue',
    subset: 'ynat',
    text: 'title',
    testSplit: 'validation',
    labelNames: ['IT과학', '경제', '사회', '생활문화', '세계', '스포츠', '정치'],
  },
  'kor-3i4k': {
    repository: 'wicho/kor_3i4k',
    labelNames: [
      'fragment',
      'statement',
      'question',
      'command',
      'rhetorical question',
      'rhetorical command',
      'intonation-dependent utterance',
    ],
  },
  'kor-hate': {
    repository: 'inmoonlight/kor_hate',
    text: 'comments',
    label: 'hate',
    labelNames: ['hate', 'offensive', 'none'],
  },
};
