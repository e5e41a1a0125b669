#!/usr/bin/env node
// Runs the three parts of the tests, all of them whatever becomes of one, and closes with one
// summary: which tests failed, how long each part took, and how to run what failed once more.
//
// The Go tests run in one lane, what the dashboard needs in another. Each part writes what it found
// as JSON beside its whole output, in bin/tests.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const folder = resolve('bin/tests');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

/** What can be run alone, quoted for a shell and for make. */
const quoted = (text) => `'${text.replaceAll("'", `'\\''`).replaceAll('$', '$$$$')}'`;
const pattern = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
const clean = (text = '') => text.replace(/\u001b\[[0-9;]*m/g, '');

/** A part of the tests: what makes it, and what it found. */
const go = { name: 'go', ...counts(), run: runGo };
const client = { name: 'client', ...counts(), run: runClient };
const stories = { name: 'stories', ...counts(), run: runStories };
const parts = [go, client, stories];

function counts() {
  return { passed: 0, failed: 0, skipped: 0, seconds: 0, failures: [], problem: '' };
}

/** Runs a make target; each line of its output is kept, and shown when `show` makes a line of it. */
async function make(part, target, settings, environment = {}, show = (line) => line) {
  const log = createWriteStream(`${folder}/${part.name}.log`, { flags: 'a' });
  const child = spawn('make', ['--no-print-directory', target, ...settings], {
    env: { ...process.env, MAKEFLAGS: '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const tail = [];
  const read = async (stream, look) => {
    for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
      log.write(`${line}\n`);
      const shown = look(line);
      if (shown === undefined || shown === '') continue;
      tail.push(shown);
      if (tail.length > 20) tail.shift();
      console.log(`${part.name.padEnd(8)}| ${shown}`);
    }
  };
  const ended = new Promise((done) => child.on('close', (code) => done(code ?? 1)));
  await Promise.all([read(child.stdout, show), read(child.stderr, (line) => line)]);
  const code = await ended;
  await new Promise((done) => log.end(done));
  // A part that ends badly without a test that failed is a failure that no test tells of.
  if (code !== 0 && part.failures.length === 0) part.problem = clean(tail.join('\n'));
  return code === 0;
}

/** Reads the events of `go test -json`: a line for each package, and the output of what failed. */
async function runGo() {
  const output = new Map();
  const key = (event) => `${event.Package} ${event.Test ?? ''}`;
  const look = (line) => {
    let event;
    try {
      event = JSON.parse(line);
    } catch {
      return line; // of a build, or of make
    }
    if (event.Action === 'build-output') return event.Output.trimEnd();
    if (event.Action === 'output') {
      output.set(key(event), (output.get(key(event)) ?? '') + event.Output);
      return undefined;
    }
    const told = output.get(key(event)) ?? '';
    if (!['pass', 'fail', 'skip'].includes(event.Action)) return undefined;
    output.delete(key(event));
    if (event.Test === undefined) return packageEnded(event, told);
    // A test with subtests that failed fails as well: only the innermost counts.
    if (event.Action === 'pass') go.passed++;
    if (event.Action === 'skip') go.skipped++;
    if (event.Action !== 'fail') return undefined;
    const inner = go.failures.some(
      (f) => f.where === event.Package && f.test.startsWith(`${event.Test}/`),
    );
    if (!inner) {
      go.failed++;
      const run = event.Test.split('/')
        .map((name) => `^${pattern(name)}$`)
        .join('/');
      const where = event.Package.replace(/^wxcomponent\/?/, './');
      go.failures.push({
        where: event.Package,
        test: event.Test,
        again: `make test-go PKG=${where} RUN=${quoted(run)}`,
      });
    }
    return told.trimEnd();
  };
  await make(go, 'test-go', ['GOTESTFLAGS=-json'], {}, look);
}

/** A package that failed without a test that did: it did not build, a race, a panic, its end. */
function packageEnded(event, told) {
  const seconds = `${(event.Elapsed ?? 0).toFixed(1)} s`;
  if (event.Action !== 'fail') return `${event.Action} ${event.Package} ${seconds}`;
  if (!go.failures.some(({ where }) => where === event.Package)) {
    go.failed++;
    const where = event.Package.replace(/^wxcomponent\/?/, './');
    go.failures.push({
      where: event.Package,
      test: 'the package as a whole',
      again: `make test-go PKG=${where}`,
    });
  }
  return `${told.trimEnd()}\nFAIL ${event.Package} ${seconds}`;
}

async function runClient() {
  const file = `${folder}/client.json`;
  await make(client, 'test-client', [
    `VITESTFLAGS=--reporter=default --reporter=json --outputFile.json=${file}`,
  ]);
  for (const { name, assertionResults } of report(client, file)?.testResults ?? []) {
    const where = relative(resolve('client'), name);
    if (assertionResults.length === 0) fail(client, where, 'the file as a whole', '');
    for (const { status, fullName } of assertionResults) {
      if (status === 'passed') client.passed++;
      else if (status === 'failed') fail(client, where, fullName, fullName);
      else client.skipped++;
    }
  }
}

async function runStories() {
  const file = `${folder}/stories.json`;
  await make(stories, 'test-e2e', [], { PLAYWRIGHT_JSON_OUTPUT_NAME: file });
  const walk = (suite, above) => {
    const path = suite.file === suite.title ? above : [...above, suite.title];
    for (const { title, file: where, tests } of suite.specs ?? []) {
      for (const { projectName, status } of tests) {
        const name = [...path, title].join(' ');
        if (status === 'expected') stories.passed++;
        else if (status === 'skipped') stories.skipped++;
        else fail(stories, `${where} (${projectName})`, name, name);
      }
    }
    for (const inner of suite.suites ?? []) walk(inner, path);
  };
  const found = report(stories, file);
  for (const suite of found?.suites ?? []) walk(suite, []);
  for (const { message } of found?.errors ?? []) fail(stories, 'all stories', clean(message), '');
}

function fail(part, where, test, run) {
  part.failed++;
  const target = part === client ? 'test-client' : 'test-e2e';
  const again = `make ${target}${run && ` RUN=${quoted(pattern(run))}`}`;
  part.failures.push({ where, test, again });
}

function report(part, file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    part.problem ||= `it left no report: ${error.message}`;
    return undefined;
  }
}

async function timed(part) {
  const begun = Date.now();
  await part.run();
  part.seconds = Math.round((Date.now() - begun) / 1000);
  const { passed, failed, skipped } = part;
  if (passed + failed === 0) part.problem ||= 'it ran no test';
  // What failed with no test to show for it counts too.
  if (part.failures.length > 0) part.problem = '';
  if (part.problem !== '') part.failed++;
  console.log(`${part.name.padEnd(8)}| ended: ${passed} passed, ${failed} failed, ${skipped} skipped`);
}

const begun = Date.now();
await Promise.all([
  timed(go),
  (async () => {
    await timed(client);
    await timed(stories);
  })(),
]);

console.log('\n========== summary ==========');
for (const { name, passed, failed, skipped, seconds } of parts) {
  const state = failed === 0 ? 'ok    ' : 'FAILED';
  const number = `${passed} passed, ${failed} failed, ${skipped} skipped`;
  console.log(`${name.padEnd(8)} ${state} ${number} in ${seconds} s`);
}
console.log(`whole output and results: bin/tests; ${Math.round((Date.now() - begun) / 1000)} s in all`);
for (const { name, failures, problem } of parts) {
  if (problem !== '') console.log(`\n${name} did not end well:\n${problem}`);
  for (const { where, test, again } of failures) {
    console.log(`\nFAILED ${name}: ${where}: ${test}\n  again: ${again}`);
  }
}
const sum = (of) => parts.reduce((total, part) => total + of(part), 0);
const failed = sum((part) => part.failed);
console.log(
  `\n${sum((part) => part.passed)} passed, ${failed} failed, ${sum((part) => part.skipped)} skipped`,
);
process.exit(failed === 0 ? 0 : 1);
