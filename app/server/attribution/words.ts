/**
 * A text in the parts that an attribution is given for: its words (what stands between spaces,
 * 어절), and where they are more than `most`, runs of neighbors of like length.
 */
export function partsOf(text: string, most = 40): string[] {
  const words = text.split(/\s+/u).filter((word) => word !== '');
  if (words.length <= most) return words;
  return Array.from({ length: most }, (_, i) => {
    const start = Math.floor((i * words.length) / most);
    const end = Math.floor(((i + 1) * words.length) / most);
    return words.slice(start, end).join(' ');
  });
}
