// What came back from feeds, in sentences.
import { locale } from '../../app/locale.svelte';
import type { PullReport } from '../../host/host';
import { m } from '../../paraglide/messages';
import { feedName } from '../../text/feedname';

export function pullLines(report: PullReport): string[] {
  const { changed, conflicts, gone, files_missing, held_back, unreachable, busy, locked, signed_out, denied } = report;
  const lines: string[] = [];
  if (changed > 0) lines.push(m.feeds_pull_changed({ n: changed }));
  if (conflicts > 0) lines.push(m.feeds_pull_conflicts({ n: conflicts }));
  if (gone > 0) lines.push(m.feeds_pull_gone({ n: gone }));
  if (files_missing > 0) lines.push(m.feeds_pull_files_missing({ n: files_missing }));
  if (held_back.length > 0) lines.push(m.feeds_pull_held({ feeds: listed(held_back) }));
  if (signed_out.length > 0) lines.push(m.feeds_pull_signed_out({ feeds: listed(signed_out) }));
  if (denied.length > 0) lines.push(m.feeds_pull_denied({ feeds: listed(denied) }));
  if (locked.length > 0) lines.push(m.feeds_pull_locked({ feeds: listed(locked) }));
  if (unreachable.length > 0) lines.push(m.feeds_pull_unreachable({ feeds: listed(unreachable) }));
  if (busy.length > 0) lines.push(m.feeds_pull_busy({ feeds: listed(busy) }));
  return lines.length > 0 ? lines : [m.feeds_pull_nothing()];
}

function listed(names: string[]): string {
  return new Intl.ListFormat(locale.current, { type: 'conjunction' }).format(names.map(feedName));
}
