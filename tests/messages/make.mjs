// Writes vectors.json: messages of many languages as intl-messageformat prints them.
//
//   npm install intl-messageformat@12.1.5 && TZ=UTC node make.mjs > vectors.json
import fs from 'node:fs';
import { IntlMessageFormat } from 'intl-messageformat';

const LANGUAGES = ['en', 'ar', 'ar-EG', 'he', 'ru', 'pl', 'cs', 'lt', 'ga', 'cy', 'ja', 'de', 'fr', 'pt-BR', 'es', 'hi', 'sl', 'tr', 'zh-Hant'];
const CATEGORIES = ['zero', 'one', 'two', 'few', 'many', 'other'];
const arms = (kind) => `{n, ${kind}, ${CATEGORIES.map((name) => `${name} {${name} #}`).join(' ')}}`;
const DAY = { d: '2026-03-05T14:07:09Z' };

const vectors = [];
const add = (locale, message, args) => vectors.push({ locale, message, args });

// Every category, cardinal and ordinal.
for (const locale of LANGUAGES) {
  for (const n of [0, 1, 2, 3, 6, 11, 21, 100, 1.5, 1000000]) add(locale, arms('plural'), { n });
  for (const n of [1, 2, 3, 4, 8, 11, 23]) add(locale, arms('selectordinal'), { n });
}

// Numbers, dates and times.
for (const locale of LANGUAGES) {
  add(locale, '{n, number}', { n: -1234567.8915 });
  add(locale, '{n, number}', { n: 1234 });
  add(locale, '{n, number, integer}', { n: 2.5 });
  add(locale, '{n, number, percent}', { n: 0.26 });
  add(locale, '{n, number, percent}', { n: -12.345 });
  add(locale, '{n, number, ::percent .0#}', { n: 0.2567 });
  add(locale, '{n, number, ::.00}', { n: 1234.5 });
  for (const style of ['', ', short', ', medium', ', long', ', full']) add(locale, `{d, date${style}}`, DAY);
  for (const style of ['', ', short', ', medium']) add(locale, `{d, time${style}}`, DAY);
  for (const skeleton of ['yyyyMMdd', 'MMMd', 'yMMMMd', 'EEEE', 'yMMMM', 'MMMM', 'jmm']) add(locale, `{d, date, ::${skeleton}}`, DAY);
}

// Percentages of the languages that have their own.
for (const locale of ['eu', 'de-CH', 'es-MX', 'es-AR', 'fa', 'sv', 'fi', 'nb', 'da', 'sk', 'ro', 'bg', 'uk', 'it', 'nl', 'pt-PT', 'fr-CA', 'fr-CH', 'en-DE', 'ur', 'bn', 'mr', 'my', 'ko', 'th', 'vi', 'ca', 'gl', 'hr', 'sr']) {
  add(locale, '{n, number, percent}', { n: -0.26 });
}

// How numbers may be asked for.
for (const [message, n] of [
  ['{n, number, ::.##}', 1.005], ['{n, number, ::.0#}', 2], ['{n, number, ::.00*}', 3.14159], ['{n, number, ::precision-integer}', 1.5],
  ['{n, number, ::@@@}', 123456], ['{n, number, ::@@#}', 0.012345], ['{n, number, ::group-off}', 1234567], ['{n, number, ::,_ .00}', 1234567],
  ['{n, number, ::group-min2}', 1234], ['{n, number, ::sign-always}', 5], ['{n, number, ::+!}', -5], ['{n, number, ::sign-never}', -5],
  ['{n, number, ::sign-except-zero}', 0], ['{n, number, ::scale/100}', 1.25], ['{n, number, ::integer-width/*000}', 7], ['{n, number, ::000}', 7],
  ['{n, number, ::percent}', 0.285], ['{n, number}', 1e21], ['{n, number}', 1e-7], ['{n, number}', 0.0005], ['{n, number}', 9007199254740993n],
  ['{n}', 9007199254740993n], ['{n}', 1e21], ['{n}', 1.5e-7], ['{n}', 1234567.5], ['{n}', -0.25], ['{n, plural, one {one #} other {other #}}', 1000000000000n],
  ['{n, plural, one {one #} other {other #}}', 1.0001],
]) add('en', message, { n });
for (const [locale, n] of [['en-u-nu-arab', 1234.5], ['hi-u-nu-deva', 1234567], ['de-CH', 1234567.5], ['es', 12345], ['pl', 1234], ['pt-PT', 1234], ['en-IN', 1234567], ['fa', 1234.5], ['bn', 1234567], ['ar-AE', 1234.5]]) {
  add(locale, '{n, number}', { n });
}

// Times, by the clock and by the half day.
for (const [locale, message] of [
  ['en', '{d, date, ::Hmm}'], ['de', '{d, date, ::hmm}'], ['en', '{d, time, ::jmmss}'], ['en-GB', '{d, time, short}'], ['en-u-hc-h23', '{d, time, short}'],
  ['ko', '{d, time, short}'], ['ko', '{d, date, full}'], ['en-GB', '{d, date, short}'], ['sv', '{d, date, long}'], ['th', '{d, date, long}'], ['fi', '{d, date, full}'],
  ['uk', '{d, date, long}'], ['hu', '{d, date, long}'], ['sr', '{d, date, medium}'], ['bg', '{d, date, medium}'], ['vi', '{d, date, full}'], ['da', '{d, date, full}'],
  ['en', '{d, date, ::yMMMd} – {d, time, ::jmm}'], ['fr', 'le {d, date, ::EEEE} à {d, time, short}'], ['en', '{d, date, ::yMMMdjmm}'],
  ['en', '{d, time, long}'], ['de', '{d, time, full}'],
]) add(locale, message, DAY);
add('en', '{d, date, long}', { d: 1764000000000 });
add('en', '{d, time}', { d: 0 });
add('en', '{d, date, medium} {d, time, short}', { d: '2026-12-31' });
add('de', '{d, date, short} {d, time, short}', { d: '2026-11-24T23:30:00+05:30' });
add('en', '{d, date, medium}', { d: '0099-01-01' });

// Arms: exact ones, offsets, words, and arms in arms.
const guests = '{host, select, female {{guests, plural, offset:1 =0 {She invites nobody} =1 {She invites {guest}} one {She invites {guest} and # other} other {She invites {guest} and # others}}} other {{guests, plural, =0 {They invite nobody} other {They invite #}}}}';
for (const args of [{ host: 'female', guests: 0, guest: 'Ada' }, { host: 'female', guests: 1, guest: 'Ada' }, { host: 'female', guests: 2, guest: 'Ada' }, { host: 'female', guests: 1235, guest: 'Ada' }, { host: 'x', guests: 0, guest: '' }, { host: 'other', guests: 3, guest: '' }]) add('en', guests, args);
for (const n of [0, 1, 2, 3, '1', '2', 2.5, -1]) add('en', '{n, plural, offset:1 =1 {just you} one {you and # more} other {you and # more (#)}}', { n });
add('en', '{n, plural, one {# {g, select, a {# is text} other {}}} other {}}', { n: 1, g: 'a' });
add('en', '{n, plural, other {# {m, plural, one {# in} other {# inside}} #}}', { n: 5, m: 1 });
add('en', '{n, selectordinal, offset:1 one {#st} two {#nd} few {#rd} other {#th}}', { n: 3 });
for (const w of ['a', 'b', '1', 1, 1.5, 'other', '', 'constructor']) add('en', '{w, select, a {A} 1 {one} other {?}}', { w });
add('en', '{b, select, true {yes} false {no} other {?}}', { b: true });
add('en', '{b, select, true {yes} false {no} other {?}}', { b: false });
add('ru', 'У вас {n, plural, one {# сообщение} few {# сообщения} many {# сообщений} other {# сообщения}}', { n: 1234 });
add('pl', '{n, plural, one {# plik} few {# pliki} many {# plików} other {# pliku}}', { n: 22 });
add('ar', '{n, plural, zero {لا رسائل} one {رسالة} two {رسالتان} few {# رسائل} many {# رسالة} other {# رسالة}}', { n: 11 });

// Quoting, and what is text.
for (const message of [
  "It's {n}", "It''s {n}", "'{n}' {n}", "'{'{n}'}'", "'{''}' {n}", "{n} #", "{n} '#'", "{n, plural, other {'#' #}}", "{n, plural, other {''#''}}", "{n, select, other {'#' #}}",
  "{n, plural, other {'{#}' it''s}}", "<b>{n}</b> <br/> </i>", "'<b>' {n}", "{n} '>x", "{ n }", "{\u200en\t}", "{n,plural,other{#}}", "{n}\n{n}", "é {n} 日本 {n} 🎉", "{n} & <a href=\"x\">y</a>", "{n} 'open {n}", "{n}''", "a '' {n}", "{n} | ~",
]) add('en', message, { n: 3 });
add('en', '{größe} {日本} {_x} {0}', { größe: 1, 日本: 2, _x: 3, 0: 4 });
add('en', '{n}', { n: '<&"\'>' });
add('en', '{n}', { n: '' });
add('en', '{n}{n}', { n: 0 });

// What we print instead, and why. tests/it/messages.rs lists the reasons.
const DIFFERS = new Map();
const differs = (why, locale, message, args, prints) => DIFFERS.set(`${locale} ${message} ${object(args)}`, { differs: prints, why });

const json = (value) => typeof value === 'bigint' ? String(value) : JSON.stringify(value);
const joined = (entries) => `{${entries.map(([key, value]) => `${JSON.stringify(key)}: ${value}`).join(', ')}}`;
const object = (args) => joined(Object.entries(args).map(([name, given]) => [name, json(given)]));

for (const n of [1, 3, 23]) differs('newer CLDR: Spanish has ordinals', 'es', arms('selectordinal'), { n }, `one ${n}`);
differs('newer CLDR', 'ko', '{d, time, short}', DAY, '오후 2:07');
differs('FormatJS passes over it', 'en', '{n, number, ::group-min2}', { n: 1234 }, '1234');
differs('ICU4X has separators for the digits of the language only', 'en-u-nu-arab', '{n, number}', { n: 1234.5 }, '١,٢٣٤.٥');

// The origin decides the zone: what is printed is the clock as it was written.
const value = (name, value) => name !== 'd' || value === undefined ? value : new Date(typeof value === 'string' ? value.replace(/[+-]\d\d:\d\d$/, 'Z') : value);

function line({ locale, message, args }) {
  const values = Object.fromEntries(Object.entries(args).map(([name, given]) => [name, value(name, given)]));
  const prints = new IntlMessageFormat(message, locale, undefined, { ignoreTag: true }).format(values);
  if (typeof prints !== 'string') throw new Error(`${message}: ${prints}`);
  const written = object(args);
  const entries = [['locale', json(locale)], ['message', json(message)], ['arguments', written], ['prints', json(prints)]];
  const known = DIFFERS.get(`${locale} ${message} ${written}`);
  if (known) entries.push(['differs', json(known.differs)], ['why', json(known.why)]);
  return `    ${joined(entries)}`;
}

const { node, icu, cldr } = process.versions;
const from = { node, icu, cldr, 'intl-messageformat': JSON.parse(fs.readFileSync('node_modules/intl-messageformat/package.json')).version };
console.log(`{\n  "from": ${JSON.stringify(from)},\n  "vectors": [\n${vectors.map(line).join(',\n')}\n  ]\n}`);
