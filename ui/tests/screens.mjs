/**
 * Looks at every screen of the synthetic core in the sizes, languages and themes that people use, and writes pictures.
 * `npm run dev:synthetic` has to run. Usage: node tests/screens.mjs OUT [filter]
 */
import { mkdirSync } from 'node:fs';

import { chromium } from 'playwright-core';

const [out = 'screens', filter = ''] = process.argv.slice(2);
const SIZES = [[412, 915], [1024, 768], [1366, 768]];
const LANGUAGES = ['az', 'en', 'ru'];
const LOOKS = ['light', 'dark', 'sunlight'];
const base = process.env.KEND_SYNTHETIC ?? 'http://localhost:5173/';
const chip = (name) => async (page) => {
  await page.getByTestId(`chip-${name}`).click();
};
const SCREENS = {
  create: { query: 'state=new' },
  unlock: { query: 'state=locked' },
  signin: { query: 'state=locked&place=browser' },
  visits: { hash: 'visits' },
  start: { hash: 'visits', act: async (page) => page.locator('[data-testid^="start-"]').first().click() },
  add: { hash: 'visits', act: async (page) => page.getByTestId('village-add').click() },
  interviews: { hash: 'interviews' },
  none: { hash: 'interviews', query: 'interviews=0' },
  before: { hash: 'interviews/interview-13', query: 'filled=no', act: chip('before') },
  participants: { hash: 'interviews/interview-13', act: chip('participants_section') },
  theme: { hash: 'interviews/interview-13', act: chip('digital'), tall: true },
  returned: { hash: 'interviews/interview-15', act: chip('digital') },
  finish: { hash: 'interviews/interview-13', act: chip('finish') },
  twice: {
    hash: 'interviews/interview-13',
    query: 'interviews=26',
    act: async (page) => {
      await chip('finish')(page);
      await page.getByTestId('recorded-twice').click();
    },
  },
  recorded_twice: {
    hash: 'interviews/interview-13',
    query: 'interviews=26',
    act: async (page) => {
      await SCREENS.twice.act(page);
      await page.locator('[data-testid^="same-as-"]').first().click();
    },
  },
  inbox: { hash: 'interviews', query: 'role=supervisor&place=browser&interviews=30' },
  review: { hash: 'interviews/interview-14', query: 'role=supervisor&place=browser', act: chip('digital') },
  readiness: { hash: 'readiness', tall: true },
  indicators: { hash: 'readiness/synthetic-a/indicators/infrastructure', query: 'cells=yes', tall: true },
  new_place: {
    hash: 'readiness/synthetic-a/indicators/human_capital',
    query: 'cells=yes',
    wait: 1500,
    act: async (page) => {
      await page.getByTestId('place-43').click();
      await page.getByTestId('put').click();
      await page.getByTestId('new-places-43').scrollIntoViewIfNeeded();
    },
    tall: true,
  },
  new_mast: {
    hash: 'readiness/synthetic-a/indicators/infrastructure',
    query: 'cells=yes',
    wait: 1500,
    act: async (page) => {
      await page.getByTestId('place-20').click();
      await page.getByTestId('put').click();
      await page.getByTestId('new-places-20').scrollIntoViewIfNeeded();
    },
  },
  no_cells: { hash: 'readiness/shamkir-tovuz/indicators/economic_potential', tall: true },
  lift: { hash: 'readiness/synthetic-a/lift', query: 'cells=yes', tall: true },
  gaps: { hash: 'readiness/synthetic-a/gaps', query: 'cells=yes', tall: true },
  map: { hash: 'readiness/synthetic-a/map', query: 'cells=yes', tall: true, wait: 1500 },
  map_no_cells: { hash: 'readiness/shamkir-tovuz/map', tall: true, wait: 1500 },
  profile: { hash: 'readiness/synthetic-a/profile', query: 'cells=yes', tall: true },
  profile_village: { hash: 'readiness/synthetic-a/profile/village/village-1', query: 'cells=yes', tall: true },
  profile_rayon: { hash: 'readiness/synthetic-a/profile/rayon/AZ-SY1', query: 'cells=yes', tall: true },
  sector: { hash: 'readiness/synthetic-a/sector', query: 'cells=yes', tall: true, wait: 1500 },
  compare: { hash: 'readiness/synthetic-a/compare/AZ-SY1', query: 'cells=yes', tall: true, wait: 1500 },
  meeting_none: { hash: 'readiness/synthetic-a/meeting', query: 'cells=yes', tall: true },
  meeting_held: { hash: 'readiness/synthetic-a/meeting', query: 'cells=yes&meetings=closed', tall: true },
  meeting_reader: { hash: 'readiness/synthetic-a/meeting', query: 'cells=yes&meetings=open&role=analyst&place=browser', tall: true },
  meeting_room: { hash: 'readiness/synthetic-a/meeting/meeting-1/room', query: 'cells=yes&meetings=open&role=committee' },
  meeting_class: { hash: 'readiness/synthetic-a/meeting/meeting-1/class', query: 'cells=yes&meetings=open' },
  meeting_dimension: { hash: 'readiness/synthetic-a/meeting/meeting-1/dimension_infrastructure', query: 'cells=yes&meetings=open' },
  meeting_theme: { hash: 'readiness/shamkir-tovuz/meeting/meeting-1/theme_digital', query: 'interviews=6&meetings=open' },
  meeting_gap: { hash: 'readiness/shamkir-tovuz/meeting/meeting-1/gap_human_capital', query: 'interviews=6&meetings=open' },
  meeting_apart: { hash: 'readiness/synthetic-a/meeting/meeting-1/class', query: 'cells=yes&meetings=apart', tall: true },
  meeting_order: { hash: 'readiness/synthetic-a/meeting/meeting-1/order', query: 'cells=yes&meetings=closed', tall: true },
  meeting_verdict: { hash: 'readiness/synthetic-a/meeting/meeting-1/verdict', query: 'cells=yes&meetings=closed', tall: true },
  meeting_overview: { hash: 'readiness/synthetic-a', query: 'cells=yes&meetings=closed', tall: true },
  what_if: {
    hash: 'readiness/synthetic-a/indicators/economic_potential',
    query: 'cells=yes',
    act: async (page) => {
      for (const [row, value] of [[46, '140'], [48, '150']]) {
        await page.getByTestId(`try-${row}-number`).fill(value);
        await page.getByTestId(`try-${row}-number`).press('Enter');
      }
      await page.getByTestId('result').locator('summary').click();
    },
  },
  sync: { hash: 'sync' },
  by_file: {
    hash: 'sync',
    tall: true,
    act: async (page) => {
      await page.getByTestId('join-hub').click();
      await page.getByTestId('pass-on').click();
    },
  },
};
/** A drawn landscape, as a file. */
async function photo(page) {
  const url = await page.evaluate(() => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [1200, 800];
    const pen = canvas.getContext('2d');
    for (const [colour, from] of [['#9cc7e8', 0], ['#6d8b5a', 420], ['#b99a6b', 640]]) {
      pen.fillStyle = colour;
      pen.fillRect(0, from, 1200, 800);
    }
    return canvas.toDataURL('image/jpeg');
  });
  return { name: 'Dondar yolu körpünün yanında, şimala baxış 2026-11-24.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(url.split(',')[1], 'base64') };
}
const add = async (page) => {
  await chip('materials')(page);
  await page.getByTestId('input-photo').setInputFiles(await photo(page));
  await page.getByTestId('picture').waitFor({ timeout: 8000 }).catch((error) => console.log(String(error).slice(0, 80)));
  await page.getByTestId('input-recording').setInputFiles({ name: 'səs.wav', mimeType: 'audio/wav', buffer: Buffer.alloc(5_000_000) });
  await page.getByTestId('open-file').waitFor();
};
const record = async (page) => {
  await chip('materials')(page);
  await page.getByTestId('record-recording').click();
  await page.waitForTimeout(2300);
};
SCREENS.materials = { hash: 'interviews/interview-13', act: add, tall: true };
SCREENS.recording = { hash: 'interviews/interview-13', act: record };
SCREENS.recording_note = { hash: 'interviews/interview-13', act: async (page) => { await record(page); await chip('digital')(page); } };
SCREENS.recording_paused = { hash: 'visits', act: async (page) => {
  await page.goto(page.url().replace(/#.*/u, '#/interviews/interview-13'));
  await record(page);
  await page.getByTestId('recorder-pause').click();
  await page.getByTestId('place-visits').click();
} };
SCREENS.hearing = { hash: 'interviews/interview-13', query: 'role=supervisor&place=browser&files=yes', tall: true, act: async (page) => {
  const picture = await photo(page);
  await page.route('**/attachments/**', (route) => route.fulfill({ body: picture.buffer, contentType: picture.mimeType }));
  await chip('materials')(page);
} };

mkdirSync(out, { recursive: true });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', chromiumSandbox: false, args: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
for (const [name, screen] of Object.entries(SCREENS)) {
  for (const [width, height] of SIZES) {
    for (const language of LANGUAGES) {
      for (const look of LOOKS) {
        const picture = `${name}-${width}-${language}-${look}`;
        if (!new RegExp(filter, 'u').test(picture)) continue;
        const context = await browser.newContext({ viewport: { width, height }, reducedMotion: 'reduce' });
        await context.addInitScript((chosen) => window.localStorage.setItem('kend-look', chosen), look);
        const page = await context.newPage();
        page.on('pageerror', (error) => console.log(`${picture}: ${error.message}`));
        page.on('console', (message) => message.type() === 'error' && console.log(`${picture}: ${message.text()}`));
        await page.goto(`${base}?language=${language}&${screen.query ?? ''}#/${screen.hash ?? ''}`, { waitUntil: 'networkidle' });
        await screen.act?.(page);
        await page.waitForTimeout(screen.wait ?? 150);
        const wide = await page.evaluate(() => {
          const main = document.querySelector('main');
          return main ? main.scrollWidth - main.clientWidth : 0;
        });
        if (wide > 0) console.log(`${picture}: ${wide} px too wide`);
        await page.screenshot({ path: `${out}/${picture}.png` });
        if (screen.tall) {
          const tall = await page.evaluate(() => Math.max(...[...document.querySelectorAll('main, [data-scroll]')].map((each) => each.scrollHeight)));
          await page.setViewportSize({ width, height: Math.min(tall + 140, 6000) });
          await page.screenshot({ path: `${out}/${picture}-tall.png` });
        }
        await context.close();
      }
    }
  }
}
await browser.close();
