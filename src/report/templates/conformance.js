(() => {
  "use strict";
  const cards = [...document.querySelectorAll(".card")];
  const form = document.getElementById("facets");
  const query = document.getElementById("q");
  const shown = document.getElementById("shown");
  const buttons = [...form.querySelectorAll("[data-v]")];
  const fields = [...form.querySelectorAll("[data-facet]")];
  let current = null;
  const texts = new Map();
  // Read on first use: most readers never search.
  const text = card => {
    if (!texts.has(card)) texts.set(card, card.textContent.toLowerCase());
    return texts.get(card);
  };
  const state = () => {
    const wanted = new URLSearchParams();
    const verdicts = buttons.filter(b => b.ariaPressed === "true").map(b => b.dataset.v);
    if (verdicts.length) wanted.set("v", verdicts.join(","));
    for (const field of fields) if (field.value) wanted.set(field.dataset.facet, field.value);
    if (query.value) wanted.set("q", query.value);
    return wanted;
  };
  const within = (outer, inner) => inner === outer || inner.startsWith(outer + ".");
  const apply = () => {
    const wanted = state();
    const verdicts = wanted.has("v") ? wanted.get("v").split(",") : null;
    const words = (wanted.get("q") || "").toLowerCase().split(/\s+/).filter(Boolean);
    let visible = 0;
    for (const card of cards) {
      const d = card.dataset;
      const fits = (!verdicts || verdicts.includes(d.v))
        && (!wanted.has("c") || within(wanted.get("c"), d.c))
        && (!wanted.has("p") || d.p.split(" ").includes(wanted.get("p")))
        && (!wanted.has("i") || d.i === wanted.get("i"))
        && (!wanted.has("l") || d.l === wanted.get("l"))
        && (!wanted.has("d") || Number(d.d) >= Number(wanted.get("d")))
        && words.every(word => text(card).includes(word));
      card.hidden = !fits;
      visible += fits;
    }
    shown.textContent = visible === cards.length ? `${visible}` : `${visible} of ${cards.length}`;
  };
  const remember = () => {
    const wanted = state().toString();
    history.replaceState(null, "", wanted ? "#" + wanted : location.pathname + location.search);
  };
  const open = card => {
    current = card;
    card.hidden = false;
    card.open = true;
    card.scrollIntoView({ block: "start" });
    card.querySelector("summary").focus({ preventScroll: true });
  };
  const show = (card, item) => {
    card.querySelector(".msgs").open = true;
    const inner = item.querySelector("details");
    if (inner) inner.open = true;
    for (const e of card.querySelectorAll(".at")) e.classList.remove("at");
    item.classList.add("at");
    item.scrollIntoView({ block: "center" });
  };
  // The fragment is a card (#s-...), a message of one (#s-...-f5), a section, or a filter (#v=fail&q=tls).
  const restore = () => {
    const fragment = location.hash.slice(1);
    const place = document.getElementById(fragment);
    if (place) {
      const card = place.closest(".card");
      if (card) open(card);
      if (card && card !== place) show(card, place);
      return;
    }
    const wanted = new URLSearchParams(fragment);
    const verdicts = (wanted.get("v") || "").split(",");
    for (const b of buttons) b.ariaPressed = String(verdicts.includes(b.dataset.v));
    for (const field of fields) field.value = wanted.get(field.dataset.facet) || "";
    query.value = wanted.get("q") || "";
    apply();
  };
  const changed = () => { apply(); remember(); };
  form.hidden = false;
  form.addEventListener("input", changed);
  form.addEventListener("submit", event => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => {
    for (const b of buttons) b.ariaPressed = "false";
    changed();
  }));
  for (const b of buttons) b.addEventListener("click", () => {
    b.ariaPressed = String(b.ariaPressed !== "true");
    changed();
  });
  addEventListener("hashchange", restore);

  const step = by => {
    const visible = cards.filter(card => !card.hidden);
    const focused = visible.find(card => card.contains(document.activeElement));
    const at = visible.indexOf(focused || current);
    const next = visible[at < 0 ? (by > 0 ? 0 : visible.length - 1) : Math.min(Math.max(at + by, 0), visible.length - 1)];
    if (!next) return;
    current = next;
    const summary = next.querySelector("summary");
    summary.focus({ preventScroll: true });
    summary.scrollIntoView({ block: "start" });
  };
  addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input, select, textarea")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const act = { j: () => step(1), k: () => step(-1), "/": () => { query.focus(); query.select(); query.scrollIntoView({ block: "center" }); } }[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  });

  // Octets and decode carry the same number within one message.
  const mark = (event, on) => {
    const hit = event.target.closest && event.target.closest(".oc [data-n]");
    const box = event.target.closest && event.target.closest(".oc");
    if (box) for (const e of box.querySelectorAll(".on")) e.classList.remove("on");
    if (on && hit) for (const e of box.querySelectorAll(`[data-n="${hit.dataset.n}"]`)) e.classList.add("on");
  };
  addEventListener("mouseover", event => mark(event, true));
  addEventListener("mouseout", event => mark(event, false));

  // A message in the ladder, or named by a check, leads to its octets.
  addEventListener("click", event => {
    const from = event.target.closest && event.target.closest(".lad [data-f], .fr");
    if (!from) return;
    const card = from.closest(".card");
    const item = card.querySelector(`.list [data-f="${from.dataset.f}"]`);
    if (item) show(card, item);
  });

  // Paper has no clicks: what is not green is printed open.
  addEventListener("beforeprint", () => {
    for (const card of cards) if (!["pass", "skipped", "unsupported"].includes(card.dataset.v)) card.open = true;
  });

  apply();
  if (location.hash) restore();
})();
