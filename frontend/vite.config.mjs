// Every script directly in src/ and every stylesheet directly in styles/ becomes a file that a page can link; what they share
// becomes files of its own. Names carry a digest of the content, and addresses are relative: a site can stand in any folder.
import { readFileSync, readdirSync } from "node:fs";
import { basename } from "node:path";
import { defineConfig } from "vite";

const here = (path) => new URL(path, import.meta.url);
const files = (folder, ending) =>
  readdirSync(here(folder))
    .filter((name) => ending.test(name))
    .map((name) => `${folder}/${name}`);
const FONTS = ["@fontsource-variable/source-sans-3", "@fontsource/source-serif-4"];

/** What no script or stylesheet refers to: the pictures that pages link, and the licence of the fonts. */
const loose = {
  name: "loose-files",
  generateBundle() {
    for (const path of files("pictures", /\.svg$/)) {
      this.emitFile({ type: "asset", name: basename(path), originalFileName: path, source: readFileSync(here(path)) });
    }
    const licences = FONTS.map((font) => readFileSync(here(`node_modules/${font}/LICENSE`), "utf8"));
    this.emitFile({ type: "asset", name: "fonts.txt", originalFileName: "fonts.txt", source: licences.join("\n\n") });
  },
};

const entries = [...files("src", /\.[tj]s$/), ...files("styles", /\.css$/)];
const output = "[name].[hash:10]";

export default defineConfig({
  root: here(".").pathname,
  base: "./",
  publicDir: false,
  plugins: [loose],
  build: {
    outDir: here("../src/zicht/publish/static").pathname,
    emptyOutDir: true,
    manifest: "manifest.json",
    assetsInlineLimit: 0,
    target: "es2022",
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rollupOptions: {
      input: Object.fromEntries(entries.map((path) => [basename(path), here(path).pathname])),
      output: {
        entryFileNames: ({ name }) => `${name.replace(/\.\w+$/, "")}.[hash:10].js`,
        chunkFileNames: `${output}.js`,
        assetFileNames: `${output}[extname]`,
      },
    },
  },
});
