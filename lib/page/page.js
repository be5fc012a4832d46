// What the page of the fleet does in a browser. It is served as it is, and sees nothing but the page's own data and elements.

const MINUTE = 60_000;
/** Milliseconds after which what the page says may well be wrong. */
const OLD = 15 * MINUTE;

const element = (id) => document.getElementById(id);
const { at, tenants } = JSON.parse(element('fleet').textContent);
const matrix = element('matrix');
const body = matrix.tBodies[0];
const heads = [...matrix.querySelectorAll('thead th')];
const number = new Intl.NumberFormat('en-US');

const rows = [...body.rows].map((row, index) => ({ row, ...tenants[index] }));
let order = 1;

/** Keeps the rows that match, and says how many they are. */
function filter() {
  const words = element('text').value.toLowerCase().split(/\s+/).filter(Boolean);
  const ring = element('ring').value;
  const service = element('service').value;
  const differs = element('differs').checked;
  let shown = 0;
  for (const tenant of rows) {
    const isShown =
      words.every((word) => tenant.text.includes(word)) &&
      (ring === '' || tenant.ring === Number(ring)) &&
      (!differs || (service === '' ? tenant.differs : tenant.servicesDiffer[service]));
    if (tenant.row.hidden === isShown) tenant.row.hidden = !isShown;
    if (isShown) shown += 1;
  }
  if (service === '') delete matrix.dataset.service;
  else matrix.dataset.service = service;
  const all = number.format(rows.length);
  element('shown').textContent =
    shown === 0
      ? 'No tenant matches.'
      : shown === rows.length
        ? `All ${all} tenants.`
        : `${number.format(shown)} of ${all} tenants.`;
}

/** What a column is sorted by. */
function keyOf(tenant, column) {
  return column.startsWith('service-') ? tenant.builds[column.slice('service-'.length)] : tenant[column];
}

function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Sorts by a column: the other way round if it is sorted so already. */
function sort(column) {
  const head = heads.find((one) => one.dataset.sort === column);
  order = head.getAttribute('aria-sort') === 'ascending' ? -1 : 1;
  for (const one of heads) one.removeAttribute('aria-sort');
  head.setAttribute('aria-sort', order === 1 ? 'ascending' : 'descending');
  element('sort').value = column;
  rows.sort((a, b) => order * compare(keyOf(a, column), keyOf(b, column)) || compare(a.name, b.name));
  body.append(...rows.map(({ row }) => row));
}

/** How long ago something was: never less than no time, whatever this machine's clock says. */
function age(iso) {
  const minutes = Math.max(0, Math.floor((Date.now() - Date.parse(iso)) / MINUTE));
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h ago` : `${Math.floor(minutes / (24 * 60))} d ago`;
}

function tellAges() {
  for (const time of document.querySelectorAll('time:not(#at)')) {
    const text = age(time.dateTime);
    if (time.textContent !== text) time.textContent = text;
  }
  element('age').textContent = `, ${age(at)}`;
  const old = element('old');
  old.hidden = Date.now() - Date.parse(at) < OLD;
  old.textContent = `This page shows the fleet as it was ${age(at)}, not as it is. For what runs now: npx tenantry status`;
}

for (const head of heads) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = head.textContent;
  button.addEventListener('click', () => sort(head.dataset.sort));
  head.replaceChildren(button);
}
element('text').addEventListener('input', filter);
for (const id of ['ring', 'service', 'differs']) element(id).addEventListener('change', filter);
element('sort').addEventListener('change', ({ target }) => sort(target.value));
element('filters').addEventListener('submit', (event) => event.preventDefault());
element('filters').hidden = false;
filter();
tellAges();
setInterval(tellAges, MINUTE);
