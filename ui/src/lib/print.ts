/** Printing what is on the screen: on A4 to hand out, or on A3 for the wall. Paper is white whatever look is on. */

export const PAPERS = ['a4', 'a3'] as const;
export type Paper = (typeof PAPERS)[number];

type Printer = Pick<Window, 'addEventListener' | 'print'> & { document: { documentElement: HTMLElement } };

/** While the page is printed it is light; a person's look comes back after. */
export function preparePrinting(page: Printer): void {
  const root = page.document.documentElement;
  let before: string | undefined;
  page.addEventListener('beforeprint', () => {
    before = root.dataset.look;
    if (before === 'dark') root.dataset.look = 'light';
  });
  page.addEventListener('afterprint', () => {
    if (before !== undefined) root.dataset.look = before;
    before = undefined;
    delete root.dataset.paper;
  });
}

export function printOn(paper: Paper, page: Printer = window): void {
  page.document.documentElement.dataset.paper = paper;
  page.print();
}
