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
  inbox: { hash: 'interviews', query: 'role=supervisor&place=browser&interviews=30' },
  review: { hash: 'interviews/interview-14', query: 'role=supervisor&place=browser', act: chip('digital') },
  readiness: { hash: 'readiness', tall: true },
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
mkdirSync(out, { recursive: true });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', chromiumSandbox: false, args: ['--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
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
        await page.waitForTimeout(150);
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
