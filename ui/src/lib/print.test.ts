import { expect, it } from 'vitest';

import { preparePrinting, printOn } from './print';

function printer(look: string) {
  const root = document.createElement('html');
  root.dataset.look = look;
  const target = new EventTarget();
  const printed: (string | undefined)[][] = [];
  const page = {
    document: { documentElement: root },
    addEventListener: target.addEventListener.bind(target) as Window['addEventListener'],
    print: () => {
      target.dispatchEvent(new Event('beforeprint'));
      printed.push([root.dataset.look, root.dataset.paper]);
      target.dispatchEvent(new Event('afterprint'));
    },
  };
  preparePrinting(page);
  return { root, page, printed };
}

it('paper is white even for those who like it dark, and their look comes back', () => {
  const { root, page, printed } = printer('dark');
  printOn('a3', page);
  page.print();
  expect(printed).toEqual([['light', 'a3'], ['light', undefined]]);
  expect(root.dataset.look).toBe('dark');
});

it('the look for sunlight is printed as it is', () => {
  const { page, printed } = printer('sunlight');
  printOn('a4', page);
  expect(printed).toEqual([['sunlight', 'a4']]);
});
