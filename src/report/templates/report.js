'use strict';
// Sorts and filters the tables, and tells the browser which language is shown. The page is whole without it.
(() => {
  const radios = document.querySelectorAll('input.switch');
  const told = () => { document.documentElement.lang = document.getElementById('lang-en').checked ? 'en' : 'zh-TW'; };
  radios.forEach((radio) => radio.addEventListener('change', told));
  told();

  // A row group is what moves: a tbody where a table has several, else a row.
  const groups = (table) => {
    const bodies = [...table.tBodies];
    return bodies.length > 1 ? bodies : [...(bodies[0] ? bodies[0].rows : [])].filter((row) => !row.querySelector('.more'));
  };
  const cell = (group, column) => (group.rows ? group.rows[0] : group).cells[column];
  const value = (td) => {
    const figure = td && (td.dataset.value !== undefined ? td : td.querySelector('[data-value]'));
    if (figure) { return figure.dataset.value === '' ? NaN : Number(figure.dataset.value); }
    return td ? td.textContent.trim() : '';
  };
  const before = (a, b) => {
    if (typeof a === 'number' && typeof b === 'number') {
      // No figure sorts last in either direction.
      if (Number.isNaN(a) || Number.isNaN(b)) { return null; }
      return a - b;
    }
    return String(a).localeCompare(String(b), 'zh-Hant', { numeric: true });
  };
  const sort = (table, head) => {
    const up = head.getAttribute('aria-sort') !== 'ascending';
    table.querySelectorAll('th[aria-sort]').forEach((other) => other.removeAttribute('aria-sort'));
    head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
    const rows = groups(table).map((group, place) => ({ group, place, key: value(cell(group, head.cellIndex)) }));
    rows.sort((one, other) => {
      const order = before(one.key, other.key);
      if (order === null) { return Number.isNaN(one.key) - Number.isNaN(other.key) || one.place - other.place; }
      return (up ? order : -order) || one.place - other.place;
    });
    rows.forEach(({ group }) => group.parentNode.appendChild(group));
    table.querySelectorAll('td.more').forEach((td) => td.closest('tbody').appendChild(td.parentNode));
  };
  const words = (zh, en) => {
    const both = document.createElement('span');
    [['zh', 'zh-TW', zh], ['en', 'en', en]].forEach(([name, lang, text]) => {
      const span = document.createElement('span');
      span.className = name;
      span.lang = lang;
      span.textContent = text;
      both.append(span);
    });
    return both;
  };
  const addFilter = (table, place) => {
    const label = document.createElement('label');
    const input = document.createElement('input');
    const left = document.createElement('output');
    label.className = 'filter';
    input.type = 'search';
    label.append(words('篩選', 'Filter'), input, left);
    input.addEventListener('input', () => {
      const wanted = input.value.trim().toLowerCase();
      let shown = 0;
      groups(table).forEach((group) => {
        group.hidden = wanted !== '' && !group.textContent.toLowerCase().includes(wanted);
        shown += group.hidden ? 0 : 1;
      });
      left.textContent = wanted === '' ? '' : String(shown);
    });
    place.before(label);
  };
  document.querySelectorAll('main table').forEach((table) => {
    const several = groups(table).length;
    const heads = table.tHead ? [...table.tHead.rows[0].cells] : [];
    // A head that spans columns has no column of its own to sort by.
    if (several > 1 && heads.every((head) => head.colSpan === 1)) {
      heads.forEach((head) => {
        const button = document.createElement('button');
        button.type = 'button';
        button.append(...head.childNodes);
        head.append(button);
        button.addEventListener('click', () => sort(table, head));
      });
    }
    if (several > 8) { addFilter(table, table.closest('.scroll') || table); }
  });
})();
