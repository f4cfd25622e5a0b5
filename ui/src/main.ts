// Opens the door, applies what the person chose, draws the window.
import { mount } from 'svelte';
import { useClock } from './app/clock';
import { locale } from './app/locale.svelte';
import { preferences } from './app/preferences.svelte';
import { shell } from './app/shell.svelte';
import App from './features/frame/App.svelte';
import { type Host, useHost } from './host/host';
import './styles/base.css';
import { useMacKeys } from './text/keys';

async function door(): Promise<Host> {
  if (__IN_APP__) {
    const { TauriHost } = await import('./host/tauri');
    return new TauriHost();
  }
  const { fromAddress } = await import('./host/memory/fill');
  const memory = fromAddress(location.search);
  if (memory.weather.now) useClock(memory.weather.now);
  // Journeys in a browser make weather through this.
  Object.assign(window, { sampan: memory });
  return memory;
}

async function start(): Promise<void> {
  const host = await door();
  useHost(host);
  shell.current = await host.shell();
  locale.system = shell.current.locale;
  useMacKeys(shell.current.platform === 'macos');
  await preferences.load();
  const target = document.getElementById('app');
  if (target) mount(App, { target });
}

void start();
