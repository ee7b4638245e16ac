/**
 * Starts the whole hub on this machine: installs and builds what changed, then runs the supervisor
 * (scripts/all-in-one). Plain Node, because nothing else is there before it ran.
 *
 * Usage: npm start -- [options]; `npm start -- --help` lists them. Exit 2 for an option that does not exist.
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import util from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const startedAt = Date.now();

const help = `Usage: npm start -- [options]

Starts Waybill with everything that it needs on this machine: MongoDB, Temporal, the embedded partners, the API and the
worker. It seeds a small merchant and takes a first batch of orders through to delivery. Ctrl-C stops it all; the next
start goes on where it was.

  --port N        the API's port; an error when it is in use (default: 8080, or the next free one)
  --data-dir DIR  where all data lies (default: .waybill in the checkout)
  --no-demo       seed the merchant, but place no orders
  --speed N       time runs N times faster for the embedded partners and the hub's own waiting; N is at least 1
                  (default: 3600 with the demo, 60 with --no-demo)
  --json          print one line of JSON on standard output when ready; everything else goes to standard error
  --help          this text

An option given twice counts as given last. Servers and other settings come from WAYBILL_* variables, among them
WAYBILL_MONGODB_URI and WAYBILL_TEMPORAL_ADDRESS (nothing is started then), WAYBILL_MONGOD_BINARY,
WAYBILL_TEMPORAL_BINARY and WAYBILL_CACHE_DIR. Scripts call: npm start --silent -- --json`;

function refuse(message) {
  console.error(`${message}\n\nnpm start -- --help lists the options.`);
  process.exit(2);
}

function say(line) {
  console.error(`[${((Date.now() - startedAt) / 1000).toFixed(1).padStart(5)} s] ${line}`);
}

function number(name, text, accepts, wants) {
  const value = Number(text);
  if (text.trim() === '' || !accepts(value)) refuse(`--${name} wants ${wants}, not "${text}"`);
  return value;
}

function readOptions() {
  let values;
  try {
    ({ values } = util.parseArgs({
      options: {
        port: { type: 'string' },
        'data-dir': { type: 'string' },
        'no-demo': { type: 'boolean' },
        speed: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }));
  } catch (error) {
    // Node adds a second sentence on how to pass operands, which there are none of.
    refuse(error.message.split('. ')[0]);
  }
  if (values.help) {
    console.log(help);
    process.exit(0);
  }
  const demo = !values['no-demo'];
  return {
    port:
      values.port === undefined
        ? undefined
        : number('port', values.port, (n) => Number.isInteger(n) && n > 0 && n < 65_536, 'a port from 1 to 65535'),
    dataDir: values['data-dir'] === undefined ? join(root, '.waybill') : values['data-dir'],
    demo,
    speed:
      values.speed === undefined
        ? demo
          ? 3600
          : 60
        : number('speed', values.speed, (n) => Number.isFinite(n) && n >= 1, 'a number from 1 up'),
    json: values.json ?? false,
  };
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`Waybill needs Node 20.19 or newer; this is ${process.versions.node}`);
    process.exit(1);
  }
}

/** Runs a step of the set-up with its output on stderr; a signal to this process ends it too. */
function run(script) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script], { cwd: root, stdio: ['ignore', 2, 2] });
    const stop = () => {
      child.kill('SIGTERM');
      process.exit(130);
    };
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
    child.once('error', reject);
    child.once('exit', (code) => {
      process.off('SIGTERM', stop);
      process.off('SIGINT', stop);
      if (code === 0) resolve();
      else reject(new Error('the build failed'));
    });
  });
}

const options = readOptions();
checkNode();
try {
  const { ensureInstalled, isInstalled } = await import('./install.mjs');
  if (!isInstalled()) say('installing packages');
  await ensureInstalled();
  say('packages are installed');
  await run(join(root, 'scripts', 'build.mjs'));
  say('the build is up to date');
  const require = createRequire(import.meta.url);
  const { runAllInOne } = require(join(root, 'dist', 'scripts', 'all-in-one', 'main.js'));
  await runAllInOne({ ...options, startedAt });
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
