/**
 * How this person likes the screen: look and text size. They belong to the device's screen and to no project, so they
 * stand in the browser's storage and never in the log.
 */

export const LOOKS = ['light', 'dark', 'sunlight'] as const;
export type Look = (typeof LOOKS)[number];
export const TEXT_SIZES_PERCENT = [100, 125, 150, 200] as const;
export type TextSizePercent = (typeof TEXT_SIZES_PERCENT)[number];

/** Less room than this, counted in the chosen text size, is answered with fewer things side by side. */
const NARROW_REM = 21;
/** Less than this, and a wide window shows one thing at a time; at the usual size it is where the rail begins, 900 px. */
const TIGHT_REM = 56;
const BROWSER_TEXT_PX = 16;

/** The page as far as preferences touch it. */
export interface Page {
  root: HTMLElement;
  storage: Storage | null;
  prefers_dark: boolean;
  width_px(): number;
}

const LOOK_KEY = 'kend-look';
const TEXT_SIZE_KEY = 'kend-text-size-percent';

export class Preferences {
  #look = $state<Look>('light');
  #text_size_percent = $state<TextSizePercent>(100);
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    const look = LOOKS.find((each) => each === page.storage?.getItem(LOOK_KEY));
    const size = TEXT_SIZES_PERCENT.find((each) => String(each) === page.storage?.getItem(TEXT_SIZE_KEY));
    this.look = look ?? (page.prefers_dark ? 'dark' : 'light');
    this.text_size_percent = size ?? 100;
  }

  get look(): Look {
    return this.#look;
  }

  set look(look: Look) {
    this.#look = look;
    this.#page.root.dataset.look = look;
    this.#page.storage?.setItem(LOOK_KEY, look);
  }

  get text_size_percent(): TextSizePercent {
    return this.#text_size_percent;
  }

  set text_size_percent(size: TextSizePercent) {
    this.#text_size_percent = size;
    this.#page.root.style.setProperty('--text-scale', String(size / 100));
    this.#page.storage?.setItem(TEXT_SIZE_KEY, String(size));
    this.fit();
  }

  /** Says how much room there is for the chosen text size. Styles ask for this and not by container query: browsers
   *  do not ask those again when only the text size has changed. */
  fit(): void {
    const room_rem = this.#page.width_px() / ((BROWSER_TEXT_PX * this.#text_size_percent) / 100);
    this.#page.root.toggleAttribute('data-narrow', room_rem < NARROW_REM);
    this.#page.root.toggleAttribute('data-tight', room_rem < TIGHT_REM);
  }
}
