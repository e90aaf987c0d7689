// Looks at a page as a browser has it, then does all that a visitor may do with it. Nothing here
// knows Overprint but the names of its labels.
async () => {
  const LABEL = "data-overprint";
  const SCHEMES = ["http:", "https:", "mailto:", "tel:"];
  // What content may be made of. Another list than the product's, on purpose: what is allowed there
  // has to be allowed here as well.
  const ELEMENTS = new Set(
    `a abbr acronym article aside b bdi bdo blockquote br caption center cite code col colgroup data dd
    del details dfn div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hgroup hr i img ins
    kbd li mark nav ol p pre q rp rt ruby s samp section small span strike strong sub summary sup table
    tbody td tfoot th thead time tr tt u ul var wbr`.split(/\s+/),
  );
  const ATTRIBUTES = new Set(
    `class dir lang title href hreflang rel target span value datetime open alt height loading sizes src srcset width
    reversed start type colspan headers rowspan scope`.split(/\s+/),
  );
  const URLS = new Set(
    `action background cite classid codebase data formaction href longdesc manifest ping poster profile
    src usemap xlink:href to from by`.split(/\s+/),
  );
  const EVENTS = `abort animationend animationiteration animationstart auxclick beforeinput beforetoggle
    begin blur change click contextmenu copy cut dblclick drag drop end error focus focusin focusout
    hashchange input invalid keydown keypress keyup load loadend loadstart message mousedown mouseenter
    mouseleave mousemove mouseout mouseover mouseup paste pointerdown pointerenter pointermove
    pointerover pointerup repeat reset resize scroll select show submit toggle touchstart transitionend
    unload wheel`.split(/\s+/);

  const isForbidden = (element) => element.hasAttribute("data-forbidden");
  const parts = (element) =>
    (element.getAttribute(LABEL + "-attr") ?? "")
      .split(";")
      .map((part) => part.split(":").map((word) => word.trim()))
      .filter(([name]) => name && !isForbidden(element))
      .map(([name, key]) => [name.toLowerCase(), key]);
  const all = [...document.querySelectorAll("*")];

  // The tree without what is in its slots, to the letter. What differs from case to case is told apart.
  const told = new Set();
  const value = ({ name, value }) => {
    if (name === LABEL + "-args") {
      told.add(value);
      return "";
    }
    return name.startsWith(LABEL) ? value.replace(/\bc\d+\b/g, "") : value;
  };
  const outside = (node) => {
    if (node.nodeType !== Node.ELEMENT_NODE) return `${node.nodeType}${JSON.stringify(node.nodeValue)}`;
    const printed = parts(node).map(([name]) => name);
    const attributes = [...node.attributes]
      .filter((attribute) => !printed.includes(attribute.name))
      .map((attribute) => ` ${attribute.name}=${JSON.stringify(value(attribute))}`)
      .sort();
    const within = node instanceof HTMLTemplateElement ? [...node.content.childNodes] : [...node.childNodes];
    const children = node.hasAttribute(LABEL) && !isForbidden(node) ? [] : within.map(outside);
    return `<${node.namespaceURI.slice(-4)}:${node.localName}${attributes.join("")}>(${children.join("")})\n`;
  };

  const slots = [];
  const markup = [];
  for (const element of all) {
    for (const [name, key] of parts(element)) {
      const place = `${element.localName} ${name}`;
      slots.push({ key, place, says: element.getAttribute(name) });
    }
    const key = element.getAttribute(LABEL);
    if (key === null || isForbidden(element)) continue;
    slots.push({ key, place: element.localName, says: element.textContent });
    for (const inner of element.querySelectorAll("*")) {
      const names = [...inner.attributes].map((attribute) => attribute.name);
      const fine =
        inner.namespaceURI.endsWith("/xhtml") &&
        ELEMENTS.has(inner.localName) &&
        names.every((name) => ATTRIBUTES.has(name)) &&
        ["", "_blank", "_self"].includes(inner.getAttribute("target") ?? "") &&
        !/opener\b/.test((inner.getAttribute("rel") ?? "").replace("noopener", ""));
      if (!fine) markup.push(`in ${key}: ${inner.outerHTML}`);
    }
    for (const node of element.childNodes) {
      if (![Node.ELEMENT_NODE, Node.TEXT_NODE].includes(node.nodeType)) markup.push(`in ${key}: <!--`);
    }
  }

  // Every URL as the browser reads it, and what it may therefore ask for.
  const urls = [];
  const loads = [];
  const scheme = (element, value) => {
    let url;
    try {
      url = new URL(value, document.baseURI);
    } catch {
      return;
    }
    if (!SCHEMES.includes(url.protocol)) urls.push(`${element.localName}: ${url.href}`);
    // As it is asked for.
    url.hash = url.username = url.password = "";
    loads.push(url.href);
  };
  // WHATWG HTML, "parsing a srcset attribute".
  const candidates = (srcset) => {
    const found = [];
    let rest = srcset;
    while ((rest = rest.replace(/^[ \t\n\f\r,]+/, ""))) {
      const url = rest.match(/^[^ \t\n\f\r]+/)[0];
      found.push(url.replace(/,+$/, ""));
      rest = rest.slice(url.length);
      if (!url.endsWith(",")) rest = rest.replace(/^(\([^)]*\)?|[^,(])*/, "");
    }
    return found;
  };
  for (const element of all) {
    for (const { name, value } of element.attributes) {
      if (name === "ping") value.split(/[ \t\n\f\r]+/).forEach((url) => scheme(element, url));
      else if (name === "values") value.split(";").forEach((url) => scheme(element, url));
      else if (name === "srcset") candidates(value).forEach((url) => scheme(element, url));
      else if (URLS.has(name)) scheme(element, value);
    }
    for (const live of ["currentSrc", "href", "src", "action", "formAction"]) {
      const value = element[live]?.animVal ?? element[live];
      if (typeof value === "string" && value !== "") scheme(element, value);
    }
    if (element.protocol && ![":", ...SCHEMES].includes(element.protocol)) urls.push(element.protocol);
  }

  // Text beside a slot goes from left to right.
  const order = [];
  for (const line of document.querySelectorAll(".line")) {
    let last = null;
    for (const node of line.childNodes) {
      if (node.nodeType !== Node.TEXT_NODE) continue;
      for (let at = 0; at < node.length; at++) {
        if (/\s/.test(node.data[at])) continue;
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + 1);
        const box = range.getBoundingClientRect();
        if (last && Math.abs(last.top - box.top) < 2 && box.left < last.left) {
          order.push(`in ${line.innerHTML}: ${node.data[at]}`);
        }
        last = box;
      }
    }
  }

  const seen = {
    outside: document.compatMode + document.baseURI.replace(/\d+(\?own)?$/, "") + "\n" + [...document.childNodes].map(outside).join(""),
    told: [...told],
    charset: document.characterSet,
    slots,
    markup,
    urls,
    loads,
    order,
  };

  // Links and forms that lead to a good place, or to none, are not followed: where they lead was read above.
  const leadsAstray = (to) => {
    try {
      return !SCHEMES.includes(new URL(to?.baseVal ?? to, document.baseURI).protocol);
    } catch {
      return false;
    }
  };
  const clicked = (event) => {
    const link = event.target.closest?.("a, area");
    if (link && !leadsAstray(link.href)) event.preventDefault();
  };
  const sent = (event) => {
    const by = event.submitter;
    const to = by?.hasAttribute("formaction") ? by.formAction : HTMLFormElement.prototype.getAttribute.call(event.target, "action");
    if (!leadsAstray(to ?? "")) event.preventDefault();
  };
  addEventListener("click", clicked);
  addEventListener("auxclick", clicked);
  addEventListener("submit", sent);
  const frame = () => new Promise((drawn) => requestAnimationFrame(() => drawn()));
  await frame();
  for (const element of all) {
    for (const name of EVENTS) {
      const made = /click|mouse|pointer/.test(name) ? MouseEvent : Event;
      // Every element gets its own: only what those listen to above has to rise.
      element.dispatchEvent(new made(name, { bubbles: /click|submit/.test(name), cancelable: true }));
    }
    element.focus?.();
  }
  await frame();
  // Whatever was asked for before this has been asked for when it is answered.
  await fetch("/the-end-of-the-look");
  return seen;
}
