// Keeps a person's page up to date: asks for the part that changes whenever something has changed, and puts it in place.

const now = document.querySelector("#now");
const news = document.querySelector("#news");
const AGAIN = 15_000; // milliseconds between two looks where no stream can be had
const SETTLED = 60_000; // how long after a visit somebody waits for news
let stream = null;
let patience = Date.now() + SETTLED;

const moving = () => now.querySelector("[data-moving=yes]") !== null || Date.now() < patience;

async function renew() {
  const answer = await fetch(now.dataset.part, { headers: { accept: "text/html" }, redirect: "manual" }).catch(() => null);
  if (answer === null || !answer.ok) return; // signed out, or the network is away: the page stays as it is
  replace(await answer.text());
}

function replace(html) {
  const before = headline();
  const focused = place(document.activeElement);
  const open = [...now.querySelectorAll("details")].map((one) => one.open);
  now.innerHTML = html;
  [...now.querySelectorAll("details")].forEach((one, number) => { one.open = open[number] ?? false; });
  focused?.()?.focus({ preventScroll: true });
  if (headline() !== before) news.textContent = headline();
}

const headline = () => now.querySelector("[data-headline]")?.textContent.trim() ?? "";

// How to find the element again that somebody is at, once everything around it is new.
function place(element) {
  if (!now.contains(element)) return null;
  if (element.id) return () => document.getElementById(element.id);
  const alike = [...now.querySelectorAll(element.tagName)];
  const number = alike.indexOf(element);
  return () => now.querySelectorAll(element.tagName)[number];
}

function listen() {
  if (stream !== null || document.hidden || !moving()) return;
  stream = new EventSource(now.dataset.stream);
  stream.addEventListener("changed", renew);
  stream.addEventListener("error", () => { hush(); setTimeout(askAgain, AGAIN); });
}

function hush() {
  stream?.close();
  stream = null;
}

async function askAgain() {
  if (document.hidden) return;
  await renew();
  listen();
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return hush();
  patience = Date.now() + SETTLED; // somebody came back from where a tile led them
  renew().then(listen);
});

// A tile opens elsewhere; the page that is left behind waits for news of the visit.
now.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-visit]")) return;
  patience = Date.now() + SETTLED;
  setTimeout(askAgain, 500);
});

listen();
