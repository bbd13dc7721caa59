/** What a paged call answers beside its items. */
export interface NextPage {
  /** Give it as `pageToken` for the page that follows; undefined on the last. */
  nextPageToken: string | undefined;
}

/** Goes through all pages of a call, item by item; the next page is asked for when it is needed. */
export async function* paginate<P extends NextPage, T>(
  page: (pageToken: string | undefined) => Promise<P>,
  items: (page: P) => readonly T[],
): AsyncGenerator<T, void, undefined> {
  let pageToken: string | undefined;
  do {
    const answer = await page(pageToken);
    yield* items(answer);
    pageToken = answer.nextPageToken || undefined;
  } while (pageToken !== undefined);
}
