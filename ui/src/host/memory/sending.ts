// Commands about the outbox, answered by a journal in memory: what is wanted, what waits, what was confirmed.
import type { DeliveryView, SendInput } from '../host';
import { type MemoryJournal, refuse } from './journal';
import { coverOf, isWaiting, newest, titlesOf } from './posts';
import type { Part } from './table';

type Names = 'post_send' | 'preflight' | 'outbox' | 'sync_now' | 'connection' | 'delivery_arrived';

export function sending(journal: MemoryJournal): Part<Names> {
  const { deliveries, assets } = journal;
  return {
    post_send: (wish) => send(journal, wish),
    preflight: (id) => {
      const { content } = newest(journal.post(id));
      const files = content.attachments.map(({ asset, name, alt }) => ({ facts: assets.get(asset), asset, name, alt }));
      const langs = Object.keys(content.sides);
      return {
        location_removed: files.filter(({ facts }) => facts?.point).length,
        attachments: files.length,
        alt_complete: files.filter(({ alt }) => langs.every((lang) => alt[lang])).length,
        clips: files.filter(({ facts }) => facts?.kind === 'clip').length,
        blocked: files.filter(({ facts }) => facts?.kind === 'file').map(({ asset, name }) => ({ asset, name })),
      };
    },
    outbox: () => {
      const all = [...deliveries.values()].sort((a, b) => a.updated_at - b.updated_at);
      const line = (delivery: DeliveryView) => {
        const { content } = newest(journal.post(delivery.post));
        const [titles, cover] = [titlesOf(content), coverOf(content, assets)];
        const size = content.attachments.reduce((sum, { asset }) => sum + (assets.get(asset)?.bytes ?? 0), 0);
        return { ...delivery, titles, cover, files: content.attachments.length, size };
      };
      const dayAgo = journal.now() - 86_400_000;
      const isRecent = ({ receipt }: DeliveryView) => (receipt?.confirmed_at ?? 0) > dayAgo;
      return {
        pending: all.filter(({ state }) => state !== 'idle' && state !== 'synced').map(line),
        sent: all
          .filter((delivery) => delivery.state === 'synced' && isRecent(delivery))
          .reverse()
          .map(line),
      };
    },
    sync_now: () => {
      for (const delivery of deliveries.values()) deliver(journal, delivery);
      return journal.connection();
    },
    connection: () => journal.connection(),
    delivery_arrived: ({ post, feed, arrived }) => {
      const before = deliveries.get(`${post}:${feed}`) ?? refuse('post_not_found');
      const { wanted, manner } = before;
      if (arrived.answer === 'no') return send(journal, { post, feed, wanted, manner });
      const receipt = { ...journal.receiptFor(post, wanted, feed), url: arrived.url };
      const after = journal.addDelivery(post, feed, { state: 'synced', wanted, manner, receipt });
      journal.announce(feed);
      return after;
    },
  };
}

function send(journal: MemoryJournal, { post, feed, wanted, manner }: SendInput): DeliveryView {
  journal.post(post).sealed = true;
  const sends = wanted === 'draft' || wanted === 'published';
  if (sends && !journal.feed(feed).enabled) refuse('feed_off', journal.feed(feed).name);
  const before = journal.deliveries.get(`${post}:${feed}`);
  const state = wanted === 'off' ? 'idle' : 'queued';
  const delivery = journal.addDelivery(post, feed, { state, wanted, manner, receipt: before?.receipt ?? null });
  journal.announce(feed);
  // The answer comes later, as over a real connection.
  setTimeout(() => deliver(journal, delivery), journal.weather.delay ?? 0);
  return delivery;
}

function deliver(journal: MemoryJournal, { id, post, feed }: DeliveryView): void {
  const delivery = journal.deliveries.get(id);
  if (!journal.online || !delivery || delivery.paused || !isWaiting(delivery)) return;
  const { wanted, manner } = delivery;
  const receipt = journal.receiptFor(post, wanted, feed);
  journal.addDelivery(post, feed, { wanted, manner, state: 'synced', receipt });
  journal.feeds.set(feed, { ...journal.feed(feed), health: 'reachable', seen_at: journal.now() });
  journal.emit({ event: 'posts_changed', posts: [post] });
  journal.announce(feed);
}
