// What the window says about itself, and opening another journal.
import { type ApiError, factsOf, host, type ShellState } from '../host/host';

class Shell {
  current = $state.raw<ShellState>({ platform: 'linux', locale: 'en', journal: null, error: null, folder: '' });
  opening = $state(false);
  /** Why the last folder that was chosen could not be opened; the present journal stays open then. */
  refused = $state.raw<ApiError | null>(null);

  async open(folder: string): Promise<void> {
    this.opening = true;
    this.refused = null;
    try {
      // What an editor still holds belongs to the journal that is open now.
      await host.flush();
      this.current = await host.openJournal(folder);
    } catch (thrown) {
      this.refused = factsOf(thrown);
      if (this.current.journal === null) this.current = { ...this.current, folder, error: this.refused };
    } finally {
      this.opening = false;
    }
  }

  async choose(): Promise<void> {
    const folder = await host.pickFolder();
    if (folder !== null) await this.open(folder);
  }
}

export const shell = new Shell();
