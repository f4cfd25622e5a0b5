// Files on their way into the journal: from a drop, the file dialog or the clipboard, with progress, cancel and a summary.
// Whoever receives them (an open editor) says so; without a receiver they begin posts.
import { factsOf, host, type ApiError, type ImportedFile, type ImportProgress, type ImportReport } from '../host/host';
import { m } from '../paraglide/messages';
import { byDay, together } from './beginnings';
import { now } from './clock';
import { router } from './router.svelte';
import { toasts } from './toasts.svelte';

type Receiver = (files: ImportedFile[]) => void;

/** What a set of files becomes when no editor is open. */
type Shape = 'together' | 'by_day';

class Arrivals {
  progress = $state.raw<ImportProgress | null>(null);
  /** What came of the last import when something of it needs to be said. */
  report = $state.raw<ImportReport | null>(null);
  error = $state.raw<ApiError | null>(null);
  running = $state(false);
  #receiver = $state.raw<Receiver | null>(null);
  /** Dropped while an import was running. */
  readonly #next: { paths: string[]; shape: Shape }[] = [];

  /** Whether an open editor waits for files. */
  get expected(): boolean {
    return this.#receiver !== null;
  }

  /** An open editor takes what arrives; the answer ends that. */
  receive(receiver: Receiver): () => void {
    this.#receiver = receiver;
    return () => {
      if (this.#receiver === receiver) this.#receiver = null;
    };
  }

  /** The system's dialog, then as if they were dropped. */
  async choose(): Promise<void> {
    await this.bring(await host.pickFiles('any'));
  }

  /** The system's dialog for a folder, whose files become a post a day. */
  async chooseFolder(): Promise<void> {
    const folder = await host.pickFolder();
    if (folder !== null) await this.bring([folder], 'by_day');
  }

  /** Imports files and hands them to the open editor, or begins posts with them. One import at a time, in order. */
  async bring(paths: string[], shape: Shape = 'together'): Promise<void> {
    if (paths.length === 0) return;
    this.#next.push({ paths, shape });
    if (this.running) return;
    this.running = true;
    this.dismiss();
    for (let one = this.#next.shift(); one; one = this.#next.shift()) await this.#import(one.paths, one.shape);
    this.running = false;
  }

  cancel(): void {
    this.#next.length = 0;
    void host.call('import_cancel').catch((thrown: unknown) => (this.error = factsOf(thrown)));
  }

  /** Gives files that are in the journal to the open editor, or begins posts with them. */
  async hand(files: ImportedFile[], shape: Shape = 'together'): Promise<void> {
    if (this.#receiver) return this.#receiver(files);
    const moment = { at: now(), zone: Intl.DateTimeFormat().resolvedOptions().timeZone };
    const contents = shape === 'by_day' ? byDay(files, moment) : together(files, moment);
    const begun: string[] = [];
    for (const content of contents) {
      const { post } = await host.call('draft_save', { post: null, base: null, version: null, content });
      await host.call('draft_seal', post);
      begun.push(post);
    }
    const [first] = begun;
    if (first !== undefined && begun.length === 1) return router.go({ name: 'edit', id: first });
    router.go({ name: 'journal', section: 'drafts' });
    toasts.say(() => m.import_begun({ count: begun.length }));
  }

  dismiss(): void {
    this.report = null;
    this.error = null;
  }

  async #import(paths: string[], shape: Shape): Promise<void> {
    try {
      const report = await host.call('import_files', { paths });
      const kept = report.files.filter(({ asset }) => asset !== null);
      if (kept.length < report.files.length || report.cancelled) this.report = report;
      if (kept.length > 0) await this.hand(kept, shape);
      else if (report.files.length === 0 && !report.cancelled) toasts.say(() => m.import_nothing());
    } catch (thrown) {
      this.error = factsOf(thrown);
    } finally {
      this.progress = null;
    }
  }
}

export const arrivals = new Arrivals();
