import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { browser, compared, demo, handmade, open, pages, world } from './support.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let chrome;
const studies = {};

before(async () => {
  chrome = await browser();
  studies.demo = demo();
  studies.handling = world('priority', 12000, 3);
});
after(() => chrome?.close());

const visible = (page, selector) => page.locator(selector).filter({ visible: true });

describe('the page', () => {
  test('asks the network for nothing and complains of nothing', async () => {
    for (const study of Object.values(studies)) {
      const { page, seen, close } = await open(chrome, study.page);
      await page.click('label[for=lang-en]');
      assert.deepEqual(seen, { requests: [], complaints: [], dialogs: [] });
      await close();
    }
  });

  test('shows one language at a time and tells the browser which', async () => {
    const { page, close } = await open(chrome, studies.demo.page);
    const verdict = () => visible(page, '#summary h2 span[lang]').innerText();
    assert.match(await verdict(), /有發現/);
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'zh-TW');
    await page.click('label[for=lang-en]');
    assert.match(await verdict(), /Finding/);
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
    assert.equal(await visible(page, 'main .zh').count(), 0);
    await page.keyboard.press('ArrowLeft');
    assert.match(await verdict(), /有發現/, 'the switch answers the keyboard');
    await close();
  });

  test('is whole without JavaScript', async () => {
    const { page, close } = await open(chrome, studies.demo.page, { javaScriptEnabled: false });
    assert.match(await page.locator('#summary').innerText(), /有發現/);
    assert.equal(await visible(page, '#groups tbody tr').count(), studies.demo.result.groups.length);
    await page.locator('label[for=lang-en]').click();
    assert.match(await page.locator('#summary').innerText(), /Finding/);
    await close();
  });

  test('sorts a table by a head, both ways, by the figures and not by their text', async () => {
    const { page, close } = await open(chrome, studies.demo.page);
    const column = () => page.locator('#stages tbody tr td:nth-of-type(3)').evaluateAll((all) => all.map((td) => Number(td.dataset.value)));
    const head = page.locator('#stages thead th').nth(3);
    const given = await column();
    assert.ok(given.length > 8);
    await head.locator('button').click();
    assert.equal(await head.getAttribute('aria-sort'), 'ascending');
    assert.deepEqual(await column(), [...given].sort((a, b) => a - b));
    await head.locator('button').press('Enter');
    assert.equal(await head.getAttribute('aria-sort'), 'descending');
    assert.deepEqual(await column(), [...given].sort((a, b) => b - a));
    await close();
  });

  test('filters a long table and says how many rows are left', async () => {
    const { page, close } = await open(chrome, studies.demo.page);
    const section = page.locator('#stages');
    await section.locator('input[type=search]').fill('決定 → 送出');
    const wanted = studies.demo.result.stages.filter((row) => row.stage === 'decided_at -> sent_at').length;
    assert.equal(await section.locator('tbody tr').filter({ visible: true }).count(), wanted);
    assert.equal(await section.locator('output').innerText(), String(wanted));
    await close();
  });

  test('has nothing serious for axe-core, in both languages, light and dark', async () => {
    const all = [['demo', 'light', ['zh', 'en']], ['demo', 'dark', ['zh', 'en']], ['handling', 'light', ['en']], ['handling', 'dark', ['zh']]];
    for (const [name, colorScheme, languages] of all) {
        // The page's policy refuses scripts but its own: axe comes in beside it.
        const { page, close } = await open(chrome, studies[name].page, { colorScheme, bypassCSP: true });
        for (const language of languages) {
          await page.click(`label[for=lang-${language}]`);
          await page.evaluate(axe);
          const { violations } = await page.evaluate(() => window.axe.run());
          const serious = violations.filter(({ impact }) => ['serious', 'critical'].includes(impact));
          const said = serious.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`);
          assert.deepEqual(said, [], `${name} ${colorScheme} ${language}`);
        }
        await close();
    }
  });

  test('prints to A4 pages that no row is broken over', async () => {
    for (const [name, study] of Object.entries(studies)) {
      const { page, close } = await open(chrome, study.page);
      const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true });
      const [, width, height] = pdf.toString('latin1').match(/\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/).map(Number);
      assert.ok(Math.abs(width - 595) < 2 && Math.abs(height - 842) < 2, `${name}: ${width} x ${height}`);
      const n = pages(pdf);
      assert.ok(n >= 8 && n <= 30, `${name}: ${n} pages`);
      await page.emulateMedia({ media: 'print' });
      assert.equal(await visible(page, '.langs, .filter, .contents').count(), 0);
      assert.equal(await page.locator('#groups tbody tr').first().evaluate((row) => getComputedStyle(row).breakInside), 'avoid');
      await close();
    }
  });
});

test('every figure on the page stands in result.json', async () => {
  for (const [name, study] of Object.entries(studies)) {
    const numbers = new Set();
    const walk = (value) => {
      if (typeof value === 'number') { numbers.add(value); } else if (value && typeof value === 'object') { Object.values(value).forEach(walk); }
    };
    walk(study.result);
    // The one figure that is a quotient of two of the model: the share of records that hold an item.
    for (const cell of study.result.records.matrix) { cell.held.forEach((held, item) => numbers.add(held / cell.due[item])); }
    const { page, close } = await open(chrome, study.page);
    const figures = await page.locator('[data-value]').evaluateAll((all) => all.map((one) => [one.dataset.value, one.textContent, one.closest('section')?.id]));
    assert.ok(figures.length > 150, `${name}: ${figures.length}`);
    const strangers = figures.filter(([value]) => value !== '' && !numbers.has(Number(value)));
    assert.deepEqual(strangers, [], name);
    await close();
  }
});

test('a comparison speaks both languages, asks for nothing, fits axe-core and shows the figures of compare.json', async () => {
  const found = compared(studies.demo.out, studies.handling.out);
  const numbers = new Set();
  const walk = (value) => {
    if (typeof value === 'number') { numbers.add(value); } else if (value && typeof value === 'object') { Object.values(value).forEach(walk); }
  };
  walk(found.result);
  for (const colorScheme of ['light', 'dark']) {
    const { page, seen, close } = await open(chrome, found.page, { colorScheme, bypassCSP: true });
    for (const [language, title] of [['en', 'Two studies compared'], ['zh', '兩項研究之比較']]) {
      await page.click(`label[for=lang-${language}]`);
      assert.equal(await visible(page, 'h1 span[lang]').innerText(), title);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => window.axe.run());
      const serious = violations.filter(({ impact }) => ['serious', 'critical'].includes(impact));
      assert.deepEqual(serious.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 160)}`), [], `${colorScheme} ${language}`);
    }
    const figures = await page.locator('[data-value]').evaluateAll((all) => all.map((one) => one.dataset.value));
    assert.ok(figures.length > 30, String(figures.length));
    assert.deepEqual(figures.filter((value) => value !== '' && !numbers.has(Number(value))), []);
    assert.deepEqual(seen, { requests: [], complaints: [], dialogs: [] });
    await close();
  }
});

test('every Chinese character has a glyph, and a user-defined one is spelled out', async () => {
  const group = (place) => ['恒豐 堃記 喆', '造\ue123字 \u{f0001}'][place % 2];
  const study = small((place) => group(place));
  const { page, close } = await open(chrome, study.page);
  const text = await page.evaluate(() => document.body.textContent);
  assert.ok(text.includes('恒豐 堃記 喆') && text.includes('造<U+E123>字 <U+F0001>'));
  const tofu = await page.evaluate((characters) => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [40, 40];
    const pen = canvas.getContext('2d', { willReadFrequently: true });
    pen.font = `30px ${getComputedStyle(document.body).fontFamily}`;
    const drawn = (character) => {
      pen.clearRect(0, 0, 40, 40);
      pen.fillText(character, 2, 32);
      return pen.getImageData(0, 0, 40, 40).data.join();
    };
    // Code points that no font has: what a missing glyph looks like here.
    const missing = new Set(['\u{effff}', '\u0378', ' '].map(drawn));
    return characters.filter((character) => missing.has(drawn(character)));
  }, [...new Set(text)].filter((character) => /\p{Script=Han}|[！-～「」、。]/u.test(character)));
  assert.deepEqual(tofu, []);
  await close();
});

test('hostile names are inert', async () => {
  const names = ['<script>window.hacked=1</script>', '"><img src=x onerror="window.hacked=1">', "=cmd|' /C calc'!A0", '\u202egnp.exe', '長'.repeat(4000)];
  const study = small((place) => names[place % names.length]);
  const { page, seen, close } = await open(chrome, study.page);
  await page.waitForLoadState();
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  assert.deepEqual(seen, { requests: [], complaints: [], dialogs: [] });
  assert.equal(await page.locator('main img, main script').count(), 0);
  assert.ok(!(await page.evaluate(() => document.body.textContent)).includes('\u202e'));
  // Nothing may push the page wider than the window.
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), true);
  await close();
});

test('pictures of every section and chart', { skip: process.env.SHOTS ? false : 'set SHOTS=folder' }, async () => {
  for (const [name, study] of Object.entries(studies)) {
    for (const [colorScheme, language] of [['light', 'zh'], ['dark', 'en']]) {
      const { page, close } = await open(chrome, study.page, { colorScheme, deviceScaleFactor: 1.5 });
      await page.click(`label[for=lang-${language}]`);
      for (const section of await page.locator('main section').all()) {
        await section.screenshot({ path: join(process.env.SHOTS, `${name}-${colorScheme}-${await section.getAttribute('id')}.png`) });
      }
      await close();
    }
  }
});

/** A study of 400 orders on one day whose groups are named as asked. */
function small(named) {
  const time = (nanos) => new Date(Date.UTC(2026, 0, 5, 1, 30) + Math.floor(nanos / 1e6)).toISOString().replace('Z', `${String(nanos % 1e6).padStart(6, '0')}Z`);
  const quoted = (name) => `"${name.replaceAll('"', '""')}"`;
  const rows = Array.from({ length: 400 }, (_, place) => place);
  const orders = rows.map((place) => `O${place},K${place},A${place % 20},2330,${time(place * 9_000_123_457 + 41_000 + (place % 7) * 977)}`);
  const receipts = rows.map((place) => `K${place},A${place % 20},${quoted(named(place % 20))},${time(place * 9_000_123_457)}`);
  return handmade(
    ['order_id,receipt_id,account,symbol,sent_at', ...orders].join('\n'),
    ['receipt_id,account,group,received_at', ...receipts].join('\n'),
    `[study]
title = "names"
timezone = "Asia/Taipei"
[orders]
paths = ["orders.csv"]
columns = { order_id = "order_id", receipt_id = "receipt_id", account = "account", symbol = "symbol", sent_at = "sent_at" }
[receipts]
paths = ["receipts.csv"]
columns = { receipt_id = "receipt_id", account = "account", group = "group", received_at = "received_at" }
`);
}
