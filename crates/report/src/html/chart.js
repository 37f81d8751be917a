"use strict";
// Draws charts. Text from the test gets into the page by textContent alone. This file and page.js are one
// script of the page.

const data = JSON.parse(document.getElementById("data").textContent);
const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 240;
const LEFT = 54;
const RIGHT = 10;
const TOP = 22;
const BOTTOM = 24;

const element = (name, attributes, ...children) => {
  const made = document.createElement(name);
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  made.append(...children);
  return made;
};
const shape = (name, attributes, text) => {
  const made = document.createElementNS(SVG, name);
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  if (text !== undefined) made.textContent = text;
  return made;
};

const THIN = "\u202f";
const formats = [0, 1, 2].map((digits) => new Intl.NumberFormat("en", { maximumFractionDigits: digits }));
const small = new Intl.NumberFormat("en", { maximumSignificantDigits: 2 });
const format = (value) => (value < 0.1 ? small : formats[value < 10 ? 2 : value < 100 ? 1 : 0]);
const number = (value) =>
  value === null || value === undefined ? "–" : format(value).format(value).replaceAll(",", THIN);
// As an axis has room for.
const short = (value) =>
  value >= 1e9 ? `${number(value / 1e9)} bn` : value >= 1e7 ? `${number(value / 1e6)} M` : number(value);
const fixed = (value, digits) =>
  value === null || value === undefined
    ? "–"
    : value
        .toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })
        .replaceAll(",", THIN);
const two = (value) => String(value).padStart(2, "0");
const elapsed = (seconds) => {
  const s = Math.max(0, Math.round(seconds));
  const [h, m] = [Math.floor(s / 3600), Math.floor(s / 60) % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
};
const clock = (seconds) => {
  const at = new Date(data.start_ms + seconds * 1000);
  return Number.isNaN(at.getTime()) ? "" : `${at.toISOString().slice(11, 19)} UTC`;
};

// Round steps that divide a length into about as many parts as wanted.
const numberSteps = [1, 2, 5, 10];
const niceStep = (length, parts) => {
  const raw = Math.max(length / parts, 1e-9);
  const power = 10 ** Math.floor(Math.log10(raw));
  return power * numberSteps.find((step) => step * power >= raw * 0.999);
};
const timeSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400];
const niceTimeStep = (length, parts) =>
  timeSteps.find((step) => step >= length / parts) ?? Math.ceil(length / parts / 86400) * 86400;
const ticks = (from, to, step) => {
  const list = [];
  // Not -0, which would be written so.
  const first = Math.ceil(from / step - 1e-9) + 0;
  for (let i = first; i * step <= to + step * 1e-6; i++) list.push(i * step);
  return list;
};

// A chart: {title, note, unit, curves: [{name, color, x: [], y: [], dash}], kind: lines, bars or dots,
// x: {time, label, width}}. All curves of lines and bars share the x of the first.
const chart = (host, spec) => {
  const curves = spec.curves.filter((curve) => curve.y.length > 0);
  const shown = new Set(curves.filter((curve) => !curve.off));
  const figure = element("figure", spec.wide ? { class: "wide" } : {});
  const caption = element("figcaption", {}, element("h3", {}, spec.title));
  if (spec.note && curves.length > 0) caption.append(element("p", {}, spec.note));
  figure.append(caption);
  host.append(figure);
  if (curves.length === 0) {
    figure.append(element("p", { class: "none" }, "Nothing to show."));
    return;
  }
  const label = [spec.title, spec.note, "Arrow keys read the values."].filter(Boolean).join(". ");
  const svg = shape("svg", { role: "img", "aria-label": label.replaceAll("..", "."), tabindex: "0" });
  const tip = element("div", { class: "tip", hidden: "", role: "status" });
  figure.append(svg, tip);

  const xs = curves[0].x;
  const width = spec.x.width ?? 0;
  const dots = curves.flatMap((curve) => curve.x.map((x, i) => ({ curve, x, y: curve.y[i] })));
  let at = null;
  let room = 600;
  let scale = null;
  let cursor = null;

  const draw = () => {
    const visible = curves.filter((curve) => shown.has(curve));
    let [low, high, top] = [Infinity, -Infinity, 0];
    for (const curve of curves) {
      for (const x of curve.x) {
        if (x < low) low = x;
        if (x > high) high = x;
      }
    }
    if (spec.kind === "bars") {
      for (let i = 0; i < xs.length; i++) {
        let sum = 0;
        for (const curve of visible) sum += curve.y[i];
        if (sum > top) top = sum;
      }
    } else {
      for (const curve of visible) for (const y of curve.y) if (y > top) top = y;
    }
    // From 0, unless the dots would be a heap at the right.
    if (spec.kind === "dots") {
      const spread = high - low;
      low = spread > high / 2 ? 0 : Math.max(0, low - spread * 0.05 - 1);
      high += spread * 0.05 + 1;
    }
    high += width;
    if (high <= low) high = low + 1;
    // There is no half of a user.
    const step = Math.max(niceStep(top || 1, 5), spec.whole ? 1 : 0);
    top = Math.max(step, Math.ceil((top || 1) / step - 1e-9) * step);
    scale = {
      room,
      x: (x) => LEFT + ((x - low) / (high - low)) * (room - LEFT - RIGHT),
      y: (y) => HEIGHT - BOTTOM - (y / top) * (HEIGHT - TOP - BOTTOM),
    };
    svg.replaceChildren();
    svg.setAttribute("viewBox", `0 0 ${room} ${HEIGHT}`);
    for (const y of ticks(0, top, step)) {
      const py = scale.y(y).toFixed(1);
      svg.append(shape("line", { class: "grid", x1: LEFT, x2: room - RIGHT, y1: py, y2: py }));
      svg.append(shape("text", { x: LEFT - 8, y: +py + 4, "text-anchor": "end" }, short(y)));
    }
    svg.append(shape("text", { x: LEFT - 8, y: 9, "text-anchor": "end" }, spec.unit));
    const parts = Math.max(2, Math.floor(room / 100));
    const xStep = spec.x.time ? niceTimeStep(high - low, parts) : niceStep(high - low, parts);
    for (const x of ticks(low, high, xStep)) {
      const px = scale.x(x).toFixed(1);
      svg.append(
        shape("line", { class: "grid", x1: px, x2: px, y1: HEIGHT - BOTTOM, y2: HEIGHT - BOTTOM + 4 }),
      );
      svg.append(
        shape(
          "text",
          { x: px, y: HEIGHT - 6, "text-anchor": "middle" },
          spec.x.time ? elapsed(x) : `${short(x)}${spec.x.unit}`,
        ),
      );
    }
    if (spec.kind === "bars") drawBars(visible);
    else for (const curve of visible) drawCurve(curve);
    cursor = shape("line", { class: "cursor", y1: TOP, y2: HEIGHT - BOTTOM, visibility: "hidden" });
    svg.append(cursor);
    point(at, false);
  };

  const drawCurve = (curve) => {
    let path = "";
    let points = "";
    let pen = false;
    for (let i = 0; i < curve.y.length; i++) {
      const y = curve.y[i];
      if (y === null) {
        pen = false;
        continue;
      }
      const place = `${scale.x(curve.x[i]).toFixed(1)} ${scale.y(y).toFixed(1)}`;
      // A point between two gaps is a dot.
      const alone = !pen && (i + 1 === curve.y.length || curve.y[i + 1] === null);
      if (spec.kind === "dots" || alone) points += `M${place}h0.01`;
      else path += `${pen ? "L" : "M"}${place}`;
      pen = true;
    }
    const color = `c-${curve.color}`;
    if (path) svg.append(shape("path", { class: `curve ${color}${curve.dash ? " dash" : ""}`, d: path }));
    const kind = spec.kind === "dots" ? "dots" : "dots alone";
    if (points) svg.append(shape("path", { class: `${kind} ${color}`, d: points }));
  };

  const drawBars = (visible) => {
    const below = xs.map(() => 0);
    for (const curve of visible) {
      let path = "";
      for (let i = 0; i < xs.length; i++) {
        const y = curve.y[i];
        if (!(y > 0)) continue;
        const left = scale.x(xs[i]);
        const wide = Math.max(1, scale.x(xs[i] + width) - left - 1).toFixed(1);
        const bottom = scale.y(below[i]);
        // What is there is seen, however little.
        const tall = Math.max(0.75, bottom - scale.y(below[i] + y)).toFixed(1);
        path += `M${left.toFixed(1)} ${bottom.toFixed(1)}h${wide}v-${tall}h-${wide}z`;
        below[i] += y;
      }
      svg.append(shape("path", { class: `bar c-${curve.color}`, d: path }));
    }
  };

  // Shows the values at a place.
  const point = (index, tell = true) => {
    at = index;
    tip.hidden = index === null || !tell;
    cursor?.setAttribute("visibility", tip.hidden ? "hidden" : "visible");
    if (index === null) return;
    const dot = spec.kind === "dots" ? dots[index] : null;
    const [x, middle] = dot ? [dot.x, 0] : [xs[index], spec.kind === "bars" ? width / 2 : 0];
    const px = scale.x(x + middle);
    cursor.setAttribute("x1", px);
    cursor.setAttribute("x2", px);
    const rows = curves
      .filter((curve) => (dot ? curve === dot.curve : shown.has(curve)))
      .map((curve) =>
        element(
          "tr",
          {},
          element("th", {}, element("span", { class: `swatch c-${curve.color}` }), isolated(curve.name)),
          element("td", {}, withUnit(dot ? dot.y : curve.y[index])),
        ),
      );
    const title = spec.x.time
      ? `${elapsed(x)} · ${clock(x)}`
      : width > 1
        ? `${number(x)}–${number(x + width - 1)}${spec.x.unit}`
        : `${number(x)}${spec.x.unit}`;
    tip.replaceChildren(element("strong", {}, title), element("table", {}, element("tbody", {}, ...rows)));
    const ratio = svg.clientWidth / scale.room || 1;
    const left = px * ratio + 14;
    const space = figure.clientWidth - tip.offsetWidth - 8;
    tip.style.left = `${Math.max(4, left + 14 > space ? left - tip.offsetWidth - 14 : left + 14)}px`;
    tip.style.top = `${figure.querySelector("figcaption").offsetHeight + TOP}px`;
  };
  const withUnit = (value) => {
    if (value === null || value === undefined) return "–";
    return `${number(value)}${spec.unit === "/s" ? "" : " "}${spec.unit}`;
  };

  const nearest = (event) => {
    const box = svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * scale.room;
    const y = ((event.clientY - box.top) / box.height) * HEIGHT;
    if (spec.kind === "dots") {
      let [best, found] = [Infinity, null];
      dots.forEach((dot, i) => {
        const away = (scale.x(dot.x) - x) ** 2 + (scale.y(dot.y) - y) ** 2;
        if (away < best && shown.has(dot.curve)) [best, found] = [away, i];
      });
      return found;
    }
    let [from, to] = [0, xs.length - 1];
    const half = spec.kind === "bars" ? width / 2 : 0;
    while (to - from > 1) {
      const mid = (from + to) >> 1;
      if (scale.x(xs[mid] + half) > x) to = mid;
      else from = mid;
    }
    return Math.abs(scale.x(xs[from] + half) - x) <= Math.abs(scale.x(xs[to] + half) - x) ? from : to;
  };
  svg.addEventListener("pointermove", (event) => point(nearest(event)));
  svg.addEventListener("pointerleave", () => point(null));
  svg.addEventListener("blur", () => point(null));
  svg.addEventListener("keydown", (event) => {
    const moves = {
      ArrowLeft: -1,
      ArrowRight: 1,
      PageUp: -10,
      PageDown: 10,
      Home: -Infinity,
      End: Infinity,
    };
    if (event.key === "Escape") point(null);
    if (!(event.key in moves)) return;
    event.preventDefault();
    const last = (spec.kind === "dots" ? dots : xs).length - 1;
    point(Math.max(0, Math.min(last, (at ?? -1) + moves[event.key])));
  });

  if (curves.length > 1 || spec.legend) {
    const legend = element("ul", { class: "legend" });
    for (const curve of curves) {
      const button = element(
        "button",
        { type: "button", "aria-pressed": String(shown.has(curve)) },
        element("span", { class: `swatch c-${curve.color}` }),
        isolated(curve.name),
      );
      button.addEventListener("click", () => {
        if (!shown.delete(curve)) shown.add(curve);
        button.setAttribute("aria-pressed", String(shown.has(curve)));
        draw();
      });
      legend.append(element("li", {}, button));
    }
    figure.append(legend);
  }
  if (spec.kind !== "dots") figure.append(asTable(spec, curves, xs, width));
  // It is told the first size as well, of all charts at once: asking each for its own would lay out the
  // page again each time.
  new ResizeObserver(([{ contentRect }]) => {
    const wide = Math.max(280, Math.round(contentRect.width));
    if (scale && wide === room) return;
    room = wide;
    draw();
  }).observe(figure);
};

const isolated = (name) => element("bdi", {}, name);

const asTable = (spec, curves, xs, width) => {
  const details = element("details", {}, element("summary", {}, "As table"));
  details.addEventListener("toggle", () => {
    if (!details.open || details.childElementCount > 1) return;
    const head = [spec.x.time ? "Time" : "ms", ...curves.map((curve) => `${curve.name} (${spec.unit})`)];
    const body = element("tbody", {});
    // A column's numbers stand below each other.
    const digits = curves.map((curve) => (curve.y.some((y) => y !== null && y % 1 !== 0) ? 2 : 0));
    xs.forEach((x, i) => {
      const label = spec.x.time
        ? elapsed(x)
        : width > 1
          ? `${number(x)}–${number(x + width - 1)}`
          : number(x);
      const cells = curves.map((curve, c) => element("td", {}, fixed(curve.y[i], digits[c])));
      body.append(element("tr", {}, element("th", { scope: "row" }, label), ...cells));
    });
    const titles = head.map((title) => element("th", { scope: "col" }, isolated(title)));
    const table = element("table", {}, element("thead", {}, element("tr", {}, ...titles)), body);
    const region = { class: "scroll", tabindex: "0", role: "group", "aria-label": `${spec.title}: values` };
    details.append(element("div", region, table));
  });
  return details;
};
