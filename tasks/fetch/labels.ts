import { InputError } from '../pipeline/errors.js';
import type { SplitName, Survey } from './survey.js';

/** More distinct values than this in a label column: surely the wrong column. */
const MOST_LABELS = 1000;

/** The labels of a data set: id by the value that a file has, and names by id. */
export interface Labels {
  ids: Map<string, number>;
  names: string[];
}

/**
 * Numbers the labels found in the train split: integers by value, others in code point order.
 *
 * @param known names of the labels 0, 1, …, where preset or file know them
 * @throws InputError where there is but one label, or a split has one that train has not.
 */
export function numberLabels(survey: Survey, known: readonly string[] | undefined): Labels {
  const train = survey.splits.train.labels;
  const values = sortLabels([...train.keys()]);
  const [path] = survey.files;
  if (values.length < 2) {
    throw new InputError(
      `Every text has the label "${values[0]}"; a classifier needs two or more.`,
      {
        where: path!,
        fix: 'Check the label column: --set dataset.label_column=<name>.',
      },
    );
  }
  if (values.length > MOST_LABELS) {
    throw new InputError(`The label column has ${values.length} distinct values.`, {
      where: path!,
      fix: 'It does not look like labels: --set dataset.label_column=<name>.',
    });
  }
  const names = known && namesOf(values, known, train);
  const ids = new Map(values.map((value, index) => [value, index]));
  for (const split of ['dev', 'test'] satisfies SplitName[]) {
    for (const [value, { first }] of survey.splits[split].labels) {
      if (ids.has(value)) continue;
      throw new InputError(
        `The label "${value}" is not among the labels of the train split: ${values.join(', ')}.`,
        { where: first, fix: 'Correct the row, or add texts with that label to the train split.' },
      );
    }
  }
  return { ids, names: names ?? values };
}

/** The known names where the values are their indices or the names themselves. */
function namesOf(
  values: readonly string[],
  known: readonly string[],
  found: Survey['splits']['train']['labels'],
): string[] {
  const isNamed = values.every((value) => known.includes(value));
  return values.map((value) => {
    const name = isNamed ? value : known[Number(value)];
    if (name !== undefined) return name;
    throw new InputError(
      `The label "${value}" is not in the label set: ${known.map((each, id) => `${id} (${each})`).join(', ')}.`,
      { where: found.get(value)!.first, fix: 'Correct the row.' },
    );
  });
}

function sortLabels(values: string[]): string[] {
  if (values.every((value) => /^-?\d+$/.test(value)))
    return values.sort((a, b) => Number(a) - Number(b));
  return values.sort((a, b) => (a < b ? -1 : 1));
}
