// One configuration for the app, for the browser build that the journeys drive, and for the unit tests.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Connect, Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

export default defineConfig(({ mode }) => ({
  plugins: [
    // The tests' script compiles the words beforehand; the plugin would keep the runner from ending.
    mode === 'test'
      ? []
      : paraglideVitePlugin({
          project: './project.inlang',
          outdir: './src/paraglide',
          strategy: ['baseLocale'],
          emitTsDeclarations: true,
          outputStructure: 'locale-modules',
        }),
    svelte(),
    photographs(process.env['SAMPAN_PHOTOS']),
  ],
  // The app talks to Rust; everything else (`vite`, `--mode browser`, tests) talks to the journal in memory.
  define: { __IN_APP__: JSON.stringify(mode === 'production') },
  // Under test Svelte must resolve to its browser side, or nothing can be mounted.
  resolve: mode === 'test' ? { conditions: ['browser'] } : {},
  build: { target: 'es2022', modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
  clearScreen: false,
  test: { environment: 'happy-dom', include: ['src/**/*.test.ts'], restoreMocks: true },
}));

/** While developing, `SAMPAN_PHOTOS=folder` lends the sample journal real photographs at `/photographs/N`. */
function photographs(folder: string | undefined): Plugin {
  const files = folder === undefined ? [] : readdirSync(folder).filter((name) => /\.(jpe?g|png|webp)$/i.test(name));
  const answer: Connect.NextHandleFunction = (request, response, next) => {
    const name = files[Number(/^\/photographs\/(\d+)/.exec(request.url ?? '')?.[1] ?? NaN)];
    if (folder === undefined || name === undefined) return next();
    response.end(readFileSync(join(folder, name)));
  };
  return {
    name: 'sampan-photographs',
    config: () => ({ define: { __PHOTOGRAPHS__: JSON.stringify(files.length) } }),
    configureServer: (server) => void server.middlewares.use(answer),
    configurePreviewServer: (server) => void server.middlewares.use(answer),
  };
}
