"use strict";
// Draws the charts, sorts and folds the table. Text from the test gets into the page by textContent
// alone.
(() => {
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
  const number = (value) =>
    value === null || value === undefined
      ? "–"
      : formats[value < 10 ? 2 : value < 100 ? 1 : 0].format(value).replaceAll(",", THIN);
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
    if (spec.note) caption.append(element("p", {}, spec.note));
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
      const step = niceStep(top || 1, 5);
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
        svg.append(shape("text", { x: LEFT - 8, y: +py + 4, "text-anchor": "end" }, number(y)));
      }
      svg.append(shape("text", { x: LEFT - 8, y: 9, "text-anchor": "end" }, spec.unit));
      const parts = Math.max(2, Math.floor(room / 100));
      const xStep = spec.x.time ? niceTimeStep(high - low, parts) : niceStep(high - low, parts);
      for (const x of ticks(low, high, xStep)) {
        const px = scale.x(x).toFixed(1);
        svg.append(shape("line", { class: "grid", x1: px, x2: px, y1: HEIGHT - BOTTOM, y2: HEIGHT - BOTTOM + 4 }));
        svg.append(
          shape(
            "text",
            { x: px, y: HEIGHT - 6, "text-anchor": "middle" },
            spec.x.time ? elapsed(x) : `${number(x)}${spec.x.unit}`,
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
        if (spec.kind === "dots" || alone) path += `M${place}h0.01`;
        else path += `${pen ? "L" : "M"}${place}`;
        pen = true;
      }
      const kind = spec.kind === "dots" ? "dots" : "curve";
      svg.append(shape("path", { class: `${kind} c-${curve.color}${curve.dash ? " dash" : ""}`, d: path }));
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
      const moves = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity };
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
      xs.forEach((x, i) => {
        const label = spec.x.time ? elapsed(x) : width > 1 ? `${number(x)}–${number(x + width - 1)}` : number(x);
        const cells = curves.map((curve) => element("td", {}, number(curve.y[i])));
        body.append(element("tr", {}, element("th", { scope: "row" }, label), ...cells));
      });
      const titles = head.map((title) => element("th", { scope: "col" }, isolated(title)));
      const table = element("table", {}, element("thead", {}, element("tr", {}, ...titles)), body);
      const region = { class: "scroll", tabindex: "0", role: "group", "aria-label": `${spec.title}: values` };
      details.append(element("div", region, table));
    });
    return details;
  };

  const columns = (from, step, count) => Array.from({ length: count }, (_, i) => from + i * step);
  const perSecond = (counts, step) => counts.map((count) => count / step);
  const SCENARIOS = ["s3", "s5", "s2", "s4", "s6", "s1", "s7"];
  const PERCENTILES = ["s0", "s1", "s2", "s3", "s4", "s5"];

  const rates = (host, title, note, counts, from, step) => {
    const length = Math.max(counts[0].length, counts[1].length);
    const x = columns(from, step, length);
    const names = ["OK", "KO"];
    const curves = counts.map((list, i) => ({
      name: names[i],
      color: i === 0 ? "ok" : "ko",
      x,
      y: perSecond(list, step),
    }));
    chart(host, { title, note, unit: "/s", kind: "lines", legend: true, x: { time: true }, curves });
  };
  const times = (host, title, note, over, from, step, wide) => {
    const x = columns(from, step, over.values[0]?.length ?? 0);
    const curves = over.names.map((name, i) => ({ name, color: PERCENTILES[i], x, y: over.values[i], dash: i === 0 || i === over.names.length - 1, off: i === over.names.length - 1 }));
    const known = curves.filter((curve) => curve.y.some((y) => y !== null));
    chart(host, { title, note, unit: "ms", kind: "lines", wide, x: { time: true }, curves: known });
  };
  const distribution = (host, title, bars) => {
    const total = [...bars.ok, ...bars.ko].reduce((a, b) => a + b, 0) || 1;
    const x = columns(bars.from, bars.width, bars.ok.length);
    const percent = (list) => list.map((count) => (count / total) * 100);
    const curves = [
      { name: "OK", color: "ok", x, y: percent(bars.ok) },
      { name: "KO", color: "ko", x, y: percent(bars.ko) },
    ].filter((curve) => curve.y.some((y) => y > 0));
    const note = `Share of all by response time, in bars of ${number(bars.width)} ms.`;
    chart(host, { title, note, unit: "%", kind: "bars", legend: true, x: { unit: " ms", width: bars.width }, curves });
  };
  const load = (host, points) => {
    const curve = (name, color, list) => ({ name, color, x: list.map((p) => p[0]), y: list.map((p) => p[1]) });
    chart(host, {
      title: "Response time against load",
      note: "95th percentile of what was sent in a column of time, by the requests/s of all in it.",
      unit: "ms",
      kind: "dots",
      legend: true,
      x: { unit: "/s" },
      curves: [curve("OK", "ok", points.ok), curve("KO", "ko", points.ko)],
    });
  };
  const capital = (text) => text[0].toUpperCase() + text.slice(1);
  const STEP = (step) => (step === 1 ? "by second" : `in columns of ${number(step)} s`);

  const drawAll = (host) => {
    const step = data.step_s;
    const x = columns(0, step, data.requests[0].length);
    const several = data.users.length > 2;
    const users = data.users
      .filter((_, i) => several || i === 0)
      .map((own, i) => ({
        name: own.scenario || "All users",
        color: i === 0 ? "s0" : SCENARIOS[(i - 1) % SCENARIOS.length],
        x,
        y: own.most,
      }));
    chart(host, {
      title: "Active users",
      note: `The most that were active at once on all agents together, ${STEP(step)}.`,
      unit: "users",
      kind: "lines",
      wide: true,
      x: { time: true },
      curves: users,
    });
    rates(host, "Requests/s", `Sent, ${STEP(step)}.`, data.requests, 0, step);
    rates(host, "Responses/s", `Ended, ${STEP(step)}; KO are the errors/s.`, data.responses, 0, step);
    times(host, "Response time percentiles over time (OK)", `By when the request was sent, ${STEP(step)}.`, data.times, 0, step, true);
    distribution(host, "Response time distribution", data.distribution);
    load(host, data.load);
  };

  // The figures of OK and KO apart, of a group its durations, and the ranges.
  const figures = (host, detail) => {
    const titles = [...document.querySelectorAll("#figures [data-time]")].map((head) => head.textContent);
    const head = ["Response time (ms)", "Count", ...titles].map((title) => element("th", { scope: "col" }, title));
    const body = detail.figures.map(([name, count, times]) => {
      const cells = [count, ...(count > 0 ? times : titles.map(() => null))];
      const row = cells.map((value) => element("td", {}, number(value)));
      return element("tr", {}, element("th", { scope: "row" }, name), ...row);
    });
    const table = element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...body));
    const all = detail.ranges.reduce((a, b) => a + b, 0) || 1;
    const names = [...document.querySelectorAll("#ranges [data-range]")].map((own) => own.textContent);
    const legend = element("ul", { class: "legend" });
    const bar = shape("svg", { viewBox: "0 0 1000 12", preserveAspectRatio: "none", "aria-hidden": "true", class: "ranges" });
    let left = 0;
    detail.ranges.forEach((count, i) => {
      const color = ["fast", "mid", "slow", "ko"][i];
      const wide = (count / all) * 1000;
      bar.append(shape("rect", { class: `bar c-${color}`, x: left, y: 0, width: wide, height: 12 }));
      left += wide;
      const share = `${number(count)} (${((count / all) * 100).toFixed(2)} %)`;
      legend.append(
        element("li", {}, element("span", { class: `swatch c-${color}` }), `${names[i]}: `, element("strong", {}, share)),
      );
    });
    const region = { class: "scroll", tabindex: "0", role: "group", "aria-label": "Figures of this row" };
    host.append(element("figure", { class: "wide" }, element("div", region, table), bar, legend));
  };

  const drawDetail = (host, detail) => {
    const { from_s: from, step_s: step, durations } = detail;
    figures(host, detail);
    const what = durations ? "cumulated response time" : "response time";
    times(host, `Percentiles of the ${what} over time (OK)`, `${capital(STEP(step))}; each at most 1.6 % off.`, detail.times, from, step);
    distribution(host, `Distribution of the ${what}`, detail.distribution);
    if (durations) {
      times(host, "Percentiles of the duration over time (OK)", "With pauses.", durations, from, step);
      distribution(host, "Distribution of the duration", detail.duration_distribution);
    }
    const sent = durations ? ["Entered/s", "Left/s"] : ["Requests/s", "Responses/s"];
    rates(host, sent[0], `${capital(STEP(step))}.`, detail.requests, from, step);
    rates(host, sent[1], `${capital(STEP(step))}.`, detail.responses, from, step);
    load(host, detail.load);
  };

  // The table: rows know their depth; a row's children follow it.
  const table = document.getElementById("figures");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const depth = (row) => Number(row.dataset.depth);
  const folded = new Set();

  const toggleDetail = (row, button) => {
    const open = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(open));
    if (!open) {
      row.detail.remove();
      row.detail = null;
      return;
    }
    const host = element("div", { class: "charts" });
    const cell = element("td", { colspan: String(row.cells.length) }, host);
    row.detail = element("tr", { class: "detail" }, cell);
    row.after(row.detail);
    drawDetail(host, row.data);
  };

  // The rows that a text is in, each with the groups around it.
  const matching = (text) => {
    const found = new Set();
    const above = [];
    for (const row of rows) {
      above.length = depth(row);
      above[depth(row)] = row;
      if (row.label.includes(text)) for (const own of above) found.add(own);
    }
    return found;
  };

  let sought = "";
  const arrange = (order) => {
    let hiddenBelow = Infinity;
    const found = sought === "" ? null : matching(sought);
    for (const row of order) {
      body.append(row);
      if (row.detail) body.append(row.detail);
      if (depth(row) <= hiddenBelow) hiddenBelow = Infinity;
      row.hidden = hiddenBelow !== Infinity || (found !== null && !found.has(row));
      if (row.detail) row.detail.hidden = row.hidden;
      if (folded.has(row) && hiddenBelow === Infinity) hiddenBelow = depth(row);
    }
  };
  let order = rows;

  const details = new Map(data.details.map((detail) => [detail.row, detail]));
  rows.forEach((row, index) => {
    const name = row.querySelector(".label");
    row.label = name.textContent.toLowerCase();
    if (details.has(index)) {
      row.data = details.get(index);
      const button = element("button", { type: "button", class: "open", "aria-expanded": "false" });
      button.append(...name.childNodes);
      name.append(button);
      button.addEventListener("click", () => toggleDetail(row, button));
    }
    const next = rows[index + 1];
    if (row.classList.contains("group") && next && depth(next) > depth(row)) {
      const fold = element("button", { type: "button", class: "fold", "aria-expanded": "true", "aria-label": "Requests of this group" });
      name.before(fold);
      fold.addEventListener("click", () => {
        if (!folded.delete(row)) folded.add(row);
        fold.setAttribute("aria-expanded", String(!folded.has(row)));
        arrange(order);
      });
    }
  });

  // Sorted among those of the same group; each keeps what is in it.
  const sorted = (column, factor) => {
    const value = (row) => {
      const text = row.cells[column].textContent.trim();
      return column === 0 ? text : text === "–" ? -1 : Number(text.replaceAll(THIN, ""));
    };
    const compare = (a, b) =>
      factor * (column === 0 ? value(a.row).localeCompare(value(b.row)) : value(a.row) - value(b.row));
    const root = { children: [] };
    const above = [root];
    for (const row of rows.slice(1)) {
      const node = { row, children: [] };
      above.length = depth(row) + 1;
      (above[depth(row)] ?? root).children.push(node);
      above[depth(row) + 1] = node;
    }
    const flat = (node) => [...node.children].sort(compare).flatMap((child) => [child.row, ...flat(child)]);
    return [rows[0], ...flat(root)];
  };
  if (rows.length > 20) {
    const field = element("input", { type: "search", "aria-label": "Find a request", placeholder: "Find a request" });
    field.addEventListener("input", () => {
      sought = field.value.trim().toLowerCase();
      arrange(order);
    });
    document.querySelector("#table > header").append(field);
  }

  const heads = [...table.querySelectorAll("th[data-sort]")];
  heads.forEach((head, column) => {
    const button = element("button", { type: "button" });
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const now = head.getAttribute("aria-sort");
      for (const other of heads) other.removeAttribute("aria-sort");
      const first = column === 0 ? "ascending" : "descending";
      const second = column === 0 ? "descending" : "ascending";
      // A third time brings back the order of appearance.
      const next = now === null ? first : now === first ? second : null;
      if (next) head.setAttribute("aria-sort", next);
      order = next ? sorted(column, next === "ascending" ? 1 : -1) : rows;
      arrange(order);
    });
  });

  drawAll(document.getElementById("charts-grid"));
})();
