import { InputError } from '../pipeline/errors.js';
import type { SplitName, SplitSurvey, Survey } from './survey.js';
import type { Tally } from './validation/checks.js';
import type { MalformedRows } from './validation/malformed.js';

/** More distinct values than this in a label column: surely the wrong column. */
const MOST_LABELS = 1000;
/** So many of them are enough for a message. */
const SHOWN_LABELS = 20;

/** The labels of a data set: id by the value that a file has, and names by id. */
export interface Labels {
  ids: Map<string, number>;
  names: string[];
}

/** @throws InputError where a column has more distinct values than labels have */
export function refuseTooMany(labels: ReadonlyMap<string, unknown>, path: string): void {
  if (labels.size <= MOST_LABELS) return;
  throw new InputError(`The label column has more than ${MOST_LABELS} distinct values.`, {
    where: path,
    fix: 'It does not look like labels: --set dataset.label_column=<name>.',
  });
}

/**
 * Takes the rows out of the survey whose label is not in the label set, or, in dev and test, not among
 * those of the train split.
 *
 * @param known names of the labels 0, 1, …, where preset or file know them
 */
export function setAsideUnknown(
  splits: Record<SplitName, SplitSurvey>,
  known: readonly string[] | undefined,
  malformed: MalformedRows,
): void {
  const { train, dev, test } = splits;
  if (known) {
    const isNamed = usesNames(train.labels, known);
    const isKnown = (label: string) =>
      isNamed ? known.includes(label) : known[Number(label)] !== undefined;
    const shown = isNamed ? known : known.map((name, id) => `${id} (${name})`);
    setAside(train, isKnown, malformed, (label) => notIn(label, 'in the label set', shown));
  }
  const values = sortLabels([...train.labels.keys()]);
  for (const split of [dev, test]) {
    const isKnown = (label: string) => train.labels.has(label);
    setAside(split, isKnown, malformed, (label) =>
      notIn(label, 'among the labels of the train split', values),
    );
  }
}

function notIn(label: string, what: string, labels: readonly string[]): InputError {
  const more = labels.length > SHOWN_LABELS ? ', …' : '';
  return new InputError(
    `The label "${label}" is not ${what}: ${labels.slice(0, SHOWN_LABELS).join(', ')}${more}.`,
    { fix: 'Is it the right column? --set dataset.label_column=<name>.' },
  );
}

function setAside(
  split: SplitSurvey,
  isKnown: (label: string) => boolean,
  malformed: MalformedRows,
  problem: (label: string) => InputError,
): void {
  for (const [label, found] of split.labels) {
    if (isKnown(label)) continue;
    split.labels.delete(label);
    split.malformed += found.rows;
    malformed.addAll(problem(label), found);
  }
}

/** Whether a column holds the names themselves rather than their indices: what more rows do. */
function usesNames(labels: ReadonlyMap<string, Tally>, known: readonly string[]): boolean {
  let [names, indices] = [0, 0];
  for (const [label, { rows }] of labels) {
    if (known.includes(label)) names += rows;
    if (known[Number(label)] !== undefined) indices += rows;
  }
  return names >= indices;
}

/**
 * Numbers the labels found in the train split: integers by value, others in code point order.
 *
 * @param known names of the labels 0, 1, …, where preset or file know them
 * @throws InputError where there is but one label.
 */
export function numberLabels({ splits, files }: Survey, known?: readonly string[]): Labels {
  const { labels } = splits.train;
  const values = sortLabels([...labels.keys()]);
  if (values.length < 2) {
    throw new InputError(
      `Every text has the label "${values[0]}"; a classifier needs two or more.`,
      {
        where: files[0]!,
        fix: 'Check the label column: --set dataset.label_column=<name>.',
      },
    );
  }
  const ids = new Map(values.map((value, index) => [value, index]));
  const names =
    known && !usesNames(labels, known) ? values.map((value) => known[Number(value)]!) : values;
  return { ids, names };
}

function sortLabels(values: string[]): string[] {
  if (values.every((value) => /^-?\d+$/.test(value)))
    return values.sort((a, b) => Number(a) - Number(b));
  return values.sort((a, b) => (a < b ? -1 : 1));
}
