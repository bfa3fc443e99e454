// A study of the program, opened in a browser that may talk to nobody.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const program = process.env.COLOFAIR ?? '../../target/debug/colofair';
const browsers = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export const scratch = () => mkdtempSync(join(tmpdir(), 'colofair-browser-'));

/** Runs the program; a finding is no failure here. */
export function colofair(...args) {
  const run = spawnSync(program, args, { encoding: 'utf8' });
  if (![0, 1, 3].includes(run.status)) { throw new Error(`colofair ${args.join(' ')}: ${run.status} ${run.stderr}`); }
  return run;
}

/** The sample study: its report and its result. */
export function demo() {
  const folder = join(scratch(), 'demo');
  colofair('demo', folder, '--quiet');
  return opened(join(folder, 'out'));
}

/** A simulated world with the order of handling switched on. */
export function world(name, orders, days) {
  const folder = join(scratch(), name);
  colofair('simulate', name, '--orders', String(orders), '--days', String(days), '--seed', '7', '-o', folder, '--quiet');
  const study = join(folder, 'study.toml');
  if (!readFileSync(study, 'utf8').includes('[priority]')) { writeFileSync(study, '\n[priority]\nscope = "instrument"\n', { flag: 'a' }); }
  colofair('study', study, '-o', join(folder, 'out'), '--quiet');
  return opened(join(folder, 'out'));
}

/** Two studies side by side. */
export function compared(first, second) {
  const folder = join(scratch(), 'compared');
  colofair('compare', first, second, '-o', folder, '--quiet');
  return { page: join(folder, 'compare.html'), result: JSON.parse(readFileSync(join(folder, 'compare.json'), 'utf8')) };
}

/** A study of two files written here: text of orders and of receipts. */
export function handmade(orders, receipts, toml) {
  const folder = scratch();
  writeFileSync(join(folder, 'orders.csv'), orders);
  writeFileSync(join(folder, 'receipts.csv'), receipts);
  writeFileSync(join(folder, 'study.toml'), toml);
  colofair('study', join(folder, 'study.toml'), '-o', join(folder, 'out'), '--quiet');
  return opened(join(folder, 'out'));
}

function opened(out) {
  const page = join(out, 'report.html');
  return { out, page, html: readFileSync(page, 'utf8'), result: JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')) };
}

export async function browser() {
  const executablePath = browsers.find((path) => existsSync(path));
  if (!executablePath) { throw new Error('no Chromium: run tests/browser/run.sh, which installs one'); }
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
}

/** Opens a page and keeps what it asked of the network and what it complained of. */
export async function open(chrome, path, options = {}) {
  const context = await chrome.newContext({ viewport: { width: 1200, height: 900 }, ...options });
  const page = await context.newPage();
  const seen = { requests: [], complaints: [], dialogs: [] };
  page.on('request', (request) => { if (!request.url().startsWith('file:')) { seen.requests.push(request.url()); } });
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) { seen.complaints.push(message.text()); } });
  page.on('pageerror', (error) => seen.complaints.push(String(error)));
  page.on('dialog', (dialog) => { seen.dialogs.push(dialog.message()); return dialog.dismiss(); });
  await page.goto(pathToFileURL(path).href);
  return { page, seen, close: () => context.close() };
}

export const pages = (pdf) => (pdf.toString('latin1').match(/\/Type\s*\/Page[^s]/g) ?? []).length;

export const has = (command) => { try { execFileSync('which', [command]); return true; } catch { return false; } };
