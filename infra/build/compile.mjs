// Compiles a folder for the Python the functions run on, at the path they have there: node compile.mjs PYODIDE FOLDER AT
// Pyodide is CPython itself, built for WebAssembly: its bytecode is the same on every machine that builds.
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [pyodide, folder, at] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(join(pyodide, "pyodide.mjs")));
const python = await loadPyodide();
python.FS.mkdirTree(at);
python.FS.mount(python.FS.filesystems.NODEFS, { root: folder }, at);
python.globals.set("AT", at);
const compiled = python.runPython(`
import compileall
import py_compile
import sys

assert sys.version_info[:2] == (3, 13), sys.version
compileall.compile_dir(AT, quiet=2, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
`);
process.exit(compiled ? 0 : 1);
