// Files on their way into the journal: from a drop, the file dialog or the clipboard, with progress, cancel and a summary.
// Whoever receives them (an open editor) says so; without a receiver they begin a new post.
import {
  factsOf,
  host,
  type ApiError,
  type Content,
  type ImportedFile,
  type ImportProgress,
  type ImportReport,
} from '../host/host';
import { now } from './clock';
import { router } from './router.svelte';

type Receiver = (files: ImportedFile[]) => void;

class Arrivals {
  progress = $state.raw<ImportProgress | null>(null);
  /** What came of the last import when something of it needs to be said. */
  report = $state.raw<ImportReport | null>(null);
  error = $state.raw<ApiError | null>(null);
  running = $state(false);
  #receiver = $state.raw<Receiver | null>(null);

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

  /** Imports files and hands them to the open editor, or begins a post with them. */
  async bring(paths: string[]): Promise<void> {
    if (paths.length === 0 || this.running) return;
    this.running = true;
    this.error = null;
    this.report = null;
    try {
      const report = await host.call('import_files', { paths });
      const kept = report.files.filter(({ asset }) => asset !== null);
      if (kept.length < report.files.length || report.cancelled) this.report = report;
      if (kept.length > 0) await this.hand(kept);
    } catch (thrown) {
      this.error = factsOf(thrown);
    } finally {
      this.running = false;
      this.progress = null;
    }
  }

  cancel(): void {
    void host.call('import_cancel').catch((thrown: unknown) => (this.error = factsOf(thrown)));
  }

  /** Gives files that are in the journal to the open editor, or begins a post with them. */
  async hand(files: ImportedFile[]): Promise<void> {
    if (this.#receiver) return this.#receiver(files);
    const saved = await host.call('draft_save', { post: null, base: null, version: null, content: beginning(files) });
    router.go({ name: 'edit', id: saved.post });
  }

  dismiss(): void {
    this.report = null;
    this.error = null;
  }
}

/** A post that so far is only pictures: about the moment the first of them was taken. */
function beginning(files: ImportedFile[]): Content {
  const assets = files.map(({ asset }) => asset).filter((asset) => asset !== null);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const point = assets.find(({ point }) => point !== null)?.point ?? null;
  return {
    sides: {},
    attachments: files.flatMap(({ asset, name }) => (asset ? [{ asset: asset.id, name, alt: {} }] : [])),
    cover: null,
    topics: [],
    moment: assets.find(({ taken }) => taken !== null)?.taken ?? { at: now(), zone },
    place: point ? { name: '', point } : null,
  };
}

export const arrivals = new Arrivals();
