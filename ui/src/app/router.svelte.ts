// Where the window is. The address after `#` is the whole truth, so that Back, a reload and a test agree.

export type Section = 'all' | 'drafts';

export type Route =
  | { name: 'journal'; section: Section }
  | { name: 'post'; id: string }
  | { name: 'edit'; id: string }
  | { name: 'history'; id: string }
  | { name: 'outbox' }
  /** The outbox with a delivery's two versions beside it. */
  | { name: 'conflict'; id: string }
  | { name: 'feeds' }
  | { name: 'feed_add' }
  | { name: 'feed'; id: string }
  /** What lies at a feed, to be brought into the journal. */
  | { name: 'remote'; id: string }
  | { name: 'bin' }
  | { name: 'settings' };

/** The id in `edit/new`: a post that has not been saved yet. */
export const NEW = 'new';

export function parse(address: string): Route {
  const [name, id, part] = address.replace(/^#?\/?/, '').split('/');
  if (id) {
    if (name === 'post' || name === 'edit' || name === 'history') return { name, id };
    if (name === 'feeds' && id === 'add') return { name: 'feed_add' };
    if (name === 'feeds') return { name: part === 'posts' ? 'remote' : 'feed', id };
    if (name === 'outbox') return { name: 'conflict', id };
  }
  if (name === 'outbox' || name === 'feeds' || name === 'bin' || name === 'settings') return { name };
  return { name: 'journal', section: name === 'drafts' ? 'drafts' : 'all' };
}

export function address(route: Route): string {
  if (route.name === 'journal') return route.section === 'drafts' ? '#/drafts' : '#/journal';
  if (route.name === 'feed') return `#/feeds/${route.id}`;
  if (route.name === 'feed_add') return '#/feeds/add';
  if (route.name === 'remote') return `#/feeds/${route.id}/posts`;
  if (route.name === 'conflict') return `#/outbox/${route.id}`;
  return 'id' in route ? `#/${route.name}/${route.id}` : `#/${route.name}`;
}

class Router {
  route = $state.raw<Route>(parse(location.hash));
  /** How many steps of ours lie behind: Back must never leave the app. */
  #depth = 0;

  constructor() {
    addEventListener('popstate', () => {
      this.#depth = Math.max(0, this.#depth - 1);
      this.route = parse(location.hash);
    });
  }

  go(route: Route): void {
    if (address(route) === address(this.route)) return;
    history.pushState(null, '', address(route));
    this.#depth += 1;
    this.route = route;
  }

  /** The same place under its lasting address (a new post that now has an id): no step to go back to. */
  replace(route: Route): void {
    history.replaceState(null, '', address(route));
    this.route = route;
  }

  /** One step back, or to the journal when there is none. */
  back(): void {
    if (this.#depth > 0) history.back();
    else this.replace({ name: 'journal', section: 'all' });
  }
}

export const router = new Router();
