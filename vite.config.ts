import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: 'ui',
  // Relative, so that the page works below any --web.route-prefix: the server writes the prefix into <base href>.
  base: './',
  plugins: [react()],
  build: {
    outDir: '../dist/ui',
    emptyOutDir: true,
    target: 'es2022',
    // No data: addresses, which the Content-Security-Policy would have to allow.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // What every page needs and what changes only with a dependency, in one file that stays cached.
            {
              name: 'frame',
              test: /node_modules[\\/](react|react-dom|scheduler|@tanstack|@mantine|@floating-ui|clsx)[\\/]/,
            },
            {
              name: 'codemirror',
              test: /node_modules[\\/](@codemirror|@lezer|@prometheus-io|style-mod|w3c-keyname|crelt)[\\/]/,
            },
          ],
        },
      },
    },
  },
});
