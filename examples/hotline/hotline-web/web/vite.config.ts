import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { constants, gzipSync } from 'node:zlib'
import vue from '@vitejs/plugin-vue'
import components from 'unplugin-vue-components/vite'
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers'
import { defineConfig, type Plugin } from 'vite'

/** Writes a packed copy beside every file that gains from it; the server picks by accept-encoding. */
function packed(): Plugin {
  let out = ''
  return {
    name: 'packed',
    apply: 'build',
    configResolved: (config) => void (out = join(config.root, config.build.outDir)),
    closeBundle() {
      for (const name of readdirSync(out, { recursive: true, encoding: 'utf8' })) {
        const path = join(out, name)
        if (!statSync(path).isFile() || name.endsWith('.gz')) continue
        const plain = readFileSync(path)
        const gzip = gzipSync(plain, { level: constants.Z_BEST_COMPRESSION })
        if (gzip.length < plain.length * 0.9) writeFileSync(`${path}.gz`, gzip)
      }
    },
  }
}

const server = process.env.HOTLINE_URL ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [
    vue(),
    components({ dirs: [], dts: 'components.d.ts', resolvers: [ElementPlusResolver()] }),
    packed(),
  ],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    sourcemap: false,
    reportCompressedSize: false,
    rollupOptions: {
      input: ['index.html', 'call.html'],
      output: {
        codeSplitting: {
          groups: [{ name: 'vue', test: /node_modules[\\/](@vue|vue|vue-router|pinia)[\\/]/ }],
        },
      },
    },
  },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': { target: server, ws: true }, '/sip': { target: server, ws: true } },
  },
})
