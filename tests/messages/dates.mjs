// Writes src/message/calendar/dates.tsv: how every language of CLDR's modern coverage writes dates,
// as Node formats them. ICU4X has dates of four lengths, but not the ones that JavaScript makes of
// the same fields: `5. März 2026` is `05.03.2026` there.
//
//   npm install cldr-core@48 cldr-dates-full@48 && TZ=UTC node dates.mjs > ../../src/message/calendar/dates.tsv
import fs from 'node:fs';

const read = (path) => JSON.parse(fs.readFileSync(`node_modules/${path}`));
const coverage = read('cldr-core/coverageLevels.json').effectiveCoverageLevels;
const day = 'numeric';
const STYLES = [
  { month: 'numeric', day, year: 'numeric' },
  { month: 'numeric', day, year: '2-digit' },
  { month: 'short', day, year: 'numeric' },
  { month: 'long', day, year: 'numeric' },
  { weekday: 'long', month: 'long', day, year: 'numeric' },
];

// A month below 10 whose names tell their forms apart, if there is one.
function telling({ format, 'stand-alone': alone }) {
  const forms = (month) => new Set([format.wide, format.abbreviated, alone.wide, alone.abbreviated].map((names) => names[month])).size;
  return [3, 1, 2, 4, 6, 7, 8, 9].reduce((best, month) => (forms(month) > forms(best) ? month : best));
}

// The first of the forms that is `value`, as pattern letters; those of the asked length come first.
function letters(names, index, value, letter, alone, length) {
  const lengths = length === 'short' ? ['abbreviated', 'wide'] : ['wide', 'abbreviated'];
  for (const [context, symbol] of [['format', letter], ['stand-alone', alone]]) {
    for (const width of lengths) {
      if (names[context][width][index] === value) return symbol.repeat(width === 'wide' ? 4 : 3);
    }
  }
}

const quoted = (text) => text.replace(/[A-Za-z]+|'/g, (letters) => (letters === "'" ? "''" : `'${letters}'`));

function pattern(locale, options, { months, days }) {
  const month = telling(months);
  const date = new Date(Date.UTC(2026, month - 1, 5, 14, 7, 9));
  const format = new Intl.DateTimeFormat(locale, options);
  const { calendar, numberingSystem } = format.resolvedOptions();
  if (calendar !== 'gregory') return undefined;
  const digits = (number, minimumIntegerDigits) =>
    new Intl.NumberFormat(locale, { useGrouping: false, minimumIntegerDigits, numberingSystem }).format(number);
  const number = (value, number, letter) =>
    value === digits(number, 1) ? letter : value === digits(number, 2) ? letter + letter : undefined;
  const weekday = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'][date.getUTCDay()];
  const parts = format.formatToParts(date).map(({ type, value }) => {
    switch (type) {
      case 'literal': return quoted(value);
      case 'day': return number(value, 5, 'd');
      case 'year': return value === digits(26, 2) ? 'yy' : number(value, 2026, 'y');
      case 'month': return number(value, month, 'M') ?? letters(months, month, value, 'M', 'L', options.month);
      case 'weekday': return letters(days, weekday, value, 'E', 'c', options.weekday);
    }
  });
  return parts.includes(undefined) ? undefined : parts.join('');
}

const rows = new Map();
for (const locale of Object.keys(coverage).filter((locale) => coverage[locale] === 'modern').sort()) {
  if (!fs.existsSync(`node_modules/cldr-dates-full/main/${locale}`)) continue;
  const names = read(`cldr-dates-full/main/${locale}/ca-gregorian.json`).main[locale].dates.calendars.gregorian;
  const patterns = STYLES.map((options) => pattern(locale, options, names));
  if (!patterns.includes(undefined)) rows.set(locale, patterns.join('\t'));
}

// A tag that has no row of its own is looked up by what is left without its last part.
function inherited(tag) {
  for (let at = tag.lastIndexOf('-'); at > 0; at = tag.lastIndexOf('-', at - 1)) {
    if (rows.has(tag.slice(0, at))) return rows.get(tag.slice(0, at));
  }
}

const { icu, cldr } = process.versions;
console.log(`# Node ${process.version}, ICU ${icu}, CLDR ${cldr}, by tests/messages/dates.mjs: tag, digits, short, medium, long, full`);
for (const [tag, row] of rows) {
  if (inherited(tag) !== row) console.log(`${tag}\t${row}`);
}
