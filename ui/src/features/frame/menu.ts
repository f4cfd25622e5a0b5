// What the native menu asks for, done. Exhaustive: a new action of the menu does not compile without an answer.
import { arrivals } from '../../app/arrivals.svelte';
import { wish } from '../../app/commands';
import { preferences } from '../../app/preferences.svelte';
import { NEW, router } from '../../app/router.svelte';
import { shell } from '../../app/shell.svelte';
import type { MenuAction } from '../../host/host';
import { search } from './keys';

export function choose(action: MenuAction, showList: () => void): void {
  const actions: Record<MenuAction, () => void> = {
    post_new: () => router.go({ name: 'edit', id: NEW }),
    files_import: () => void arrivals.choose(),
    journal_choose: () => void shell.choose(),
    settings: () => router.go({ name: 'settings' }),
    post_send: () => void wish('send'),
    search,
    section_journal: () => router.go({ name: 'journal', section: 'all' }),
    section_drafts: () => router.go({ name: 'journal', section: 'drafts' }),
    section_outbox: () => router.go({ name: 'outbox' }),
    section_bin: () => router.go({ name: 'bin' }),
    view_grid: () => void preferences.change({ view: 'grid' }),
    view_list: () => void preferences.change({ view: 'list' }),
    shortcuts: showList,
    about: () => router.go({ name: 'settings' }),
  };
  actions[action]();
}
