// Which pieces of a merged text came from where. Pure: the core says what changed, here it is said by whom.
import type { ConflictPart, DiffPiece } from '../../host/host';

export interface Mark {
  text: string;
  /** Unchanged, new from this computer or from the feed, or taken away by one of them. */
  kind: 'same' | 'ours' | 'theirs' | 'removed';
}

/** A merged part with its pieces, each from where it came. */
export function mergedMarks({ pieces, ours_pieces }: ConflictPart): Mark[] {
  const here = added(ours_pieces);
  return pieces.map(({ kind, text }) => {
    if (kind === 'added') return { text, kind: here.some((mine) => mine.includes(text)) ? 'ours' : 'theirs' };
    return { text, kind };
  });
}

/** One side of a choice: its text, with what is new in it. */
export function sideMarks(part: ConflictPart, from: 'ours' | 'theirs'): Mark[] {
  const pieces = from === 'ours' ? part.ours_pieces : part.theirs_pieces;
  return pieces.flatMap(({ kind, text }): Mark[] => {
    if (kind === 'removed') return [];
    return [{ text, kind: kind === 'added' ? from : 'same' }];
  });
}

function added(pieces: readonly DiffPiece[]): string[] {
  return pieces.filter(({ kind }) => kind === 'added').map(({ text }) => text);
}
