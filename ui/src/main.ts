// Opens the door, applies what the person chose, draws the window.
import { mount } from 'svelte';
import { locale } from './app/locale.svelte';
import { preferences } from './app/preferences.svelte';
import App from './features/frame/App.svelte';
import { type Host, useHost } from './host/host';
import './styles/base.css';

async function door(): Promise<Host> {
  if (__IN_APP__) {
    const { TauriHost } = await import('./host/tauri');
    return new TauriHost();
  }
  const { fromAddress } = await import('./host/memory/fill');
  const memory = fromAddress(location.search);
  // Journeys in a browser make weather through this.
  Object.assign(window, { sampan: memory });
  return memory;
}

async function start(): Promise<void> {
  const host = await door();
  useHost(host);
  const shell = await host.shell();
  locale.system = shell.locale;
  await preferences.load();
  const target = document.getElementById('app');
  if (target) mount(App, { target, props: { shell } });
}

void start();
