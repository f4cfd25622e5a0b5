// Commands about files and originals, answered by a journal in memory.
import type { ErrorCode, ImportedFile } from '../host';
import { type MemoryJournal, refuse } from './journal';
import type { Part } from './table';

type Names = 'import_files' | 'import_paste' | 'import_cancel' | 'asset_get' | 'asset_poster';

export function files(journal: MemoryJournal): Part<Names> {
  let cancelled = false;
  let serial = 0;
  return {
    import_files: async ({ paths }) => {
      cancelled = false;
      serial += 1;
      const id = serial;
      const began = journal.now();
      const files: ImportedFile[] = [];
      for (const path of paths) {
        // A breath between two files, so that progress is seen and a cancel is heard.
        await new Promise((done) => setTimeout(done, journal.weather.delay ?? 0));
        if (cancelled) break;
        files.push(importOne(journal, path));
        const [done, total] = [files.length, paths.length];
        const [bytes, total_bytes] = [done * 3_000_000, total * 3_000_000];
        const elapsed_ms = journal.now() - began;
        journal.emit({ event: 'import', progress: { id, done, total, bytes, total_bytes, elapsed_ms } });
      }
      return { id, files, cancelled };
    },
    import_paste: ({ name }) => importOne(journal, name),
    import_cancel: () => {
      cancelled = true;
      return null;
    },
    asset_get: (id) => journal.assets.get(id) ?? refuse('asset_not_found'),
    asset_poster: ({ name }) => journal.assets.get(name) ?? refuse('asset_not_found'),
  };
}

/** What becomes of a file is in its name: `missing`, `empty`, `.txt`, `.mp4`; everything else is a photo. */
function importOne(journal: MemoryJournal, path: string): ImportedFile {
  const name = path.split(/[\\/]/).at(-1) ?? path;
  const code: ErrorCode | null = name.includes('missing')
    ? 'file_missing'
    : name.includes('empty')
      ? 'file_empty'
      : null;
  if (code) return { name, path, outcome: 'failed', asset: null, error: { code, subject: name } };
  const kind = /\.(txt|pdf|zip)$/i.test(name) ? 'file' : /\.(mp4|mov|webm)$/i.test(name) ? 'clip' : 'photo';
  const asset = journal.assets.get(journal.addAsset({ kind })) ?? refuse('internal');
  return { name, path, outcome: 'added', asset, error: null };
}
