// Sorts a table by the column whose head is pressed; numbers by their value, all else by the language's alphabet.
for (const table of document.querySelectorAll('table.sortable')) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const sort = () => {
      const down = head.getAttribute('aria-sort') === 'ascending';
      heads.forEach((other) => other.removeAttribute('aria-sort'));
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      const body = table.tBodies[0];
      const key = (row) => row.cells[column]?.dataset.v ?? row.cells[column]?.textContent ?? '';
      const compare = new Intl.Collator(document.documentElement.lang, { numeric: true }).compare;
      const order = (a, b) => {
        const [x, y] = [key(a), key(b)];
        const numbers = x !== '' && y !== '' && !Number.isNaN(+x) && !Number.isNaN(+y);
        return (numbers ? x - y : compare(x, y)) * (down ? -1 : 1);
      };
      body.append(...[...body.rows].sort(order));
    };
    head.tabIndex = 0;
    head.addEventListener('click', sort);
    head.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' || event.key === ' ') {
        event.preventDefault();
        sort();
      }
    });
  });
}
