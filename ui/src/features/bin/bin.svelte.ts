// Posts that were put into the bin, newest moment first, a hundred at a time. They keep their history and their files.
import { factsOf, type ApiError, type Card, type Host, type PostId } from '../../host/host';

const PAGE = 100;

export class Bin {
  phase = $state<'loading' | 'ready' | 'failed'>('loading');
  error = $state.raw<ApiError | null>(null);
  cards = $state.raw<Card[]>([]);
  #ids: PostId[] = [];
  readonly #host: Pick<Host, 'call'>;

  constructor(host: Pick<Host, 'call'>) {
    this.#host = host;
  }

  get hasMore(): boolean {
    return this.cards.length < this.#ids.length;
  }

  async load(): Promise<void> {
    try {
      const filter = {
        text: '',
        drafts: false,
        photos: false,
        clips: false,
        needs: null,
        topic: null,
        feed: null,
        deleted: true,
      };
      this.#ids = (await this.#host.call('post_index', filter)).map(({ id }) => id);
      const shown = Math.max(PAGE, this.cards.length);
      this.cards = await this.#host.call('post_cards', this.#ids.slice(0, shown));
      this.phase = 'ready';
    } catch (thrown) {
      this.error = factsOf(thrown);
      this.phase = 'failed';
    }
  }

  async more(): Promise<void> {
    const next = this.#ids.slice(this.cards.length, this.cards.length + PAGE);
    this.cards = [...this.cards, ...(await this.#host.call('post_cards', next))];
  }

  async restore(id: PostId): Promise<void> {
    await this.#host.call('post_undelete', id);
    this.#ids = this.#ids.filter((one) => one !== id);
    this.cards = this.cards.filter((card) => card.id !== id);
  }
}
