// What the charts show, and the sorting, folding and searching of the table.

const columns = (from, step, count) => Array.from({ length: count }, (_, i) => from + i * step);
// Of the first and the last column only a part is of the run. It is scaled; what is less than half of a column
// would make any number of a few requests, and is left out.
const perSecond = (counts, from, step) => {
  const [begin, end] = data.run_ms;
  return counts.map((count, i) => {
    const first = (from + i * step) * 1000;
    const last = first + step * 1000;
    if (first <= begin && end < last) return count / step;
    const part = Math.min(last, end) - Math.max(first, begin);
    return part < step * 500 ? null : (count * 1000) / part;
  });
};
// Blue and red are OK and KO.
const SCENARIOS = ["s5", "s2", "s4", "s1", "s7", "s6"];
const PERCENTILES = ["s0", "s1", "s2", "s5", "s4", "s6"];

const rates = (host, title, note, counts, from, step) => {
  const length = Math.max(counts[0].length, counts[1].length);
  const x = columns(from, step, length);
  const names = ["OK", "KO"];
  const curves = counts.map((list, i) => ({
    name: names[i],
    color: i === 0 ? "ok" : "ko",
    x,
    y: perSecond(list, from, step),
  }));
  chart(host, { title, note, unit: "/s", kind: "lines", legend: true, x: { time: true }, curves });
};
const times = (host, title, note, over, from, step, wide) => {
  const x = columns(from, step, over.values[0]?.length ?? 0);
  const curves = over.names.map((name, i) => ({
    name,
    color: PERCENTILES[i],
    x,
    y: over.values[i],
    dash: i === 0 || i === over.names.length - 1,
    off: i === over.names.length - 1,
  }));
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
  chart(host, {
    title,
    note,
    unit: "%",
    kind: "bars",
    legend: true,
    x: { unit: " ms", width: bars.width },
    curves,
  });
};
const load = (host, points) => {
  const curve = (name, color, list) => ({
    name,
    color,
    x: list.map((p) => p[0]),
    y: list.map((p) => p[1]),
  });
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
    note: `The most that were active at once, ${STEP(step)}.`,
    unit: "users",
    whole: true,
    kind: "lines",
    wide: true,
    x: { time: true },
    curves: users,
  });
  const parts = "what is not whole at either end is scaled, or left out if less than half.";
  rates(host, "Requests/s", `Sent, ${STEP(step)}; ${parts}`, data.requests, 0, step);
  rates(host, "Responses/s", `Ended, ${STEP(step)}; KO are the errors/s.`, data.responses, 0, step);
  times(
    host,
    "Response time percentiles over time (OK)",
    `By when the request was sent, ${STEP(step)}.`,
    data.times,
    0,
    step,
    true,
  );
  distribution(host, "Response time distribution", data.distribution);
  load(host, data.load);
};

// The figures of OK and KO apart, of a group its durations, and the ranges.
const figures = (host, detail) => {
  const titles = [...document.querySelectorAll("#figures [data-time]")].map((head) => head.textContent);
  const head = ["Response time (ms)", "Count", ...titles].map((title) =>
    element("th", { scope: "col" }, title),
  );
  const body = detail.figures.map(([name, count, times]) => {
    const cells = [count, ...(count > 0 ? times : titles.map(() => null))];
    const row = cells.map((value) => element("td", {}, number(value)));
    return element("tr", {}, element("th", { scope: "row" }, name), ...row);
  });
  const table = element(
    "table",
    {},
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...body),
  );
  const all = detail.ranges.reduce((a, b) => a + b, 0) || 1;
  const names = [...document.querySelectorAll("#ranges [data-range]")].map((own) => own.textContent);
  const legend = element("ul", { class: "legend" });
  const bar = shape("svg", {
    viewBox: "0 0 1000 12",
    preserveAspectRatio: "none",
    "aria-hidden": "true",
    class: "ranges",
  });
  let left = 0;
  detail.ranges.forEach((count, i) => {
    const color = ["fast", "mid", "slow", "ko"][i];
    const wide = (count / all) * 1000;
    bar.append(shape("rect", { class: `bar c-${color}`, x: left, y: 0, width: wide, height: 12 }));
    left += wide;
    const share = `${number(count)} (${((count / all) * 100).toFixed(2)} %)`;
    legend.append(
      element(
        "li",
        {},
        element("span", { class: `swatch c-${color}` }),
        `${names[i]}: `,
        element("strong", {}, share),
      ),
    );
  });
  const region = { class: "scroll", tabindex: "0", role: "group", "aria-label": "Figures of this row" };
  host.append(element("figure", { class: "wide" }, element("div", region, table), bar, legend));
};

const drawDetail = (host, detail) => {
  const { from_s: from, step_s: step, durations } = detail;
  figures(host, detail);
  const what = durations ? "cumulated response time" : "response time";
  times(
    host,
    `Percentiles of the ${what} over time (OK)`,
    `${capital(STEP(step))}; each at most 1.6 % off.`,
    detail.times,
    from,
    step,
  );
  distribution(host, `Distribution of the ${what}`, detail.distribution);
  if (durations) {
    times(host, "Percentiles of the duration over time (OK)", "With pauses.", durations, from, step);
    distribution(host, "Distribution of the duration", detail.duration_distribution);
  }
  const sent = durations ? ["Groups entered/s", "Groups left/s"] : ["Requests/s", "Responses/s"];
  rates(host, sent[0], `${capital(STEP(step))}.`, detail.requests, from, step);
  rates(host, sent[1], `${capital(STEP(step))}.`, detail.responses, from, step);
  load(host, detail.load);
};

// A name can have any length: the style cuts longer ones, the focus shows all.
const LONG = 300;
for (const name of document.querySelectorAll("bdi")) {
  if (name.textContent.length <= LONG) continue;
  name.classList.add("long");
  name.title = name.textContent;
  name.tabIndex = 0;
}

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
    for (const long of button.querySelectorAll("[tabindex]")) long.removeAttribute("tabindex");
    name.append(button);
    button.addEventListener("click", () => toggleDetail(row, button));
  }
  const next = rows[index + 1];
  if (row.classList.contains("group") && next && depth(next) > depth(row)) {
    const fold = element("button", {
      type: "button",
      class: "fold",
      "aria-expanded": "true",
      "aria-label": "Requests of this group",
    });
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
  const field = element("input", {
    type: "search",
    "aria-label": "Find a request",
    placeholder: "Find a request",
  });
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
