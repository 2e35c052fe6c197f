// Parts of a page that are marked `data-live="yes"` follow what goes on, until it has come to rest.
const EVERY = 2000;

async function follow() {
  const live = [...document.querySelectorAll('[data-live="yes"]')];
  if (!live.length) return;
  if (document.visibilityState === "visible" && !document.activeElement?.closest('[data-live] :is(input, select, button)')) {
    await refresh(live);
  }
  setTimeout(follow, EVERY);
}

async function refresh(live) {
  let fresh;
  try {
    const answer = await fetch(location.href, { headers: { "x-requested-with": "follow" } });
    if (!answer.ok) return;
    fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return; // without a connection: next time
  }
  const places = [...fresh.querySelectorAll("[data-live]")];
  if (places.some((one) => one.dataset.live !== "yes") || places.length !== live.length) {
    location.replace(location.href.replace(/([?&])said=[^&]*&?/, "$1")); // it has come to rest: all of the page may differ
    return;
  }
  live.forEach((place, index) => place.replaceChildren(...places[index].childNodes));
}

setTimeout(follow, EVERY);
