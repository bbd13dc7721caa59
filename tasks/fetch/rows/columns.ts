import { distance } from 'fastest-levenshtein';
import { InputError } from '../../pipeline/errors.js';

/** The columns that a configuration asks for; null: the usual names. */
export interface WantedColumns {
  text: string | null;
  label: string | null;
  /** Whether labels are read at all; where not, they are empty. @default true */
  labeled?: boolean;
}

/** Names of the columns to read, as the file spells them. */
export interface Columns {
  text: string;
  /** Absent where no labels are wanted. */
  label?: string;
  /** Present where the file has a column `id`. */
  id?: string;
}

/** What the columns are called where the configuration does not say, the likelier first. */
const USUAL = { text: ['text', 'document'], label: ['label'] } as const;

/**
 * Finds the wanted columns among those of a file.
 *
 * @throws InputError naming the columns that there are and the nearest one.
 */
export function findColumns(
  available: readonly string[],
  wanted: WantedColumns,
  file: string,
): Columns {
  const isLabeled = wanted.labeled !== false;
  // Of a file without labels the only column is that of the texts, whatever its name.
  const only =
    !isLabeled && available.length === 1 && wanted.text === null ? available[0] : undefined;
  const find = (role: 'text' | 'label'): string => {
    const names = wanted[role] === null ? USUAL[role] : [wanted[role]];
    const found = names.find((name) => available.includes(name)) ?? only;
    if (found !== undefined) return found;
    const asked = names.map((name) => `"${name}"`).join(' or ');
    const near = available.find((name) => distance(name.toLowerCase(), names[0]!) <= 2);
    throw new InputError(
      `No column ${asked}. The columns are ${available.map((name) => `"${name}"`).join(', ')}.`,
      {
        where: file,
        fix: `Name the column of the ${role}s: --set dataset.${role}_column=${near ?? '<name>'}. The first line of a TSV or CSV file must name its columns.`,
      },
    );
  };
  return {
    text: find('text'),
    ...(isLabeled && { label: find('label') }),
    ...(available.includes('id') && { id: 'id' }),
  };
}

/** What is wrong with a row of another length than the header. */
export function otherColumns(cells: readonly string[], header: readonly string[]): string {
  const found = `${cells.length} column${cells.length === 1 ? '' : 's'}`;
  return `${found}, but the first line names ${header.length} (${header.join(', ')}).`;
}
