// Adding a picture with less clicking: it opens as soon as it is chosen, dropped, pasted or taken; and the square can be
// moved with the fingers, with previews drawn here. Everything also works without this file.

document.documentElement.classList.add("scripted-page");
const choose = document.querySelector("#choose");
const cutting = document.querySelector("#cut");
if (choose) bring(choose);
if (cutting) cut(cutting);

function bring(form) {
  const send = (file) => {
    const files = new DataTransfer();
    files.items.add(file);
    form.elements.picture.files = files.files;
    form.submit();
  };
  for (const input of document.querySelectorAll(".way input[type=file]")) {
    input.addEventListener("change", () => { if (input.files.length) input.form.submit(); });
  }
  const zone = document.querySelector("#drop");
  for (const [name, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
    document.addEventListener(name, (event) => { event.preventDefault(); zone.classList.toggle("over", over); });
  }
  document.addEventListener("drop", (event) => { if (event.dataTransfer.files[0]) send(event.dataTransfer.files[0]); });
  document.addEventListener("paste", (event) => {
    const pasted = [...event.clipboardData.files].find((file) => file.type.startsWith("image/"));
    if (pasted) send(pasted);
  });
  if (navigator.mediaDevices?.getUserMedia) camera(send);
}

function camera(send) {
  const open = document.querySelector("#camera");
  const dialog = document.querySelector("#finder");
  const view = document.querySelector("#view");
  const sorry = document.querySelector("#no-camera");
  const shutter = document.querySelector("#shutter");
  open.hidden = false;
  open.addEventListener("click", async () => {
    dialog.showModal();
    try {
      view.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user", width: { ideal: 1280 }, height: { ideal: 1280 } } });
      await view.play();
    } catch {
      sorry.hidden = false;
    }
    shutter.disabled = view.srcObject === null;
  });
  shutter.addEventListener("click", () => {
    const canvas = new OffscreenCanvas(view.videoWidth, view.videoHeight);
    canvas.getContext("2d").drawImage(view, 0, 0);
    canvas.convertToBlob({ type: "image/jpeg", quality: 0.95 }).then((data) => send(new File([data], "photo.jpg", { type: data.type })));
    dialog.close();
  });
  document.querySelector("#close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    view.srcObject?.getTracks().forEach((track) => track.stop());
    view.srcObject = null;
  });
}

function cut(form) {
  const picture = new Image();
  picture.addEventListener("load", () => cutFrom(form, picture));
  picture.src = form.dataset.whole;
}

function cutFrom(form, picture) {
  const fields = form.elements;
  const stage = canvasFor(document.querySelector("#stage"), 480);
  const likenesses = [...document.querySelectorAll(".likeness")].map((one) => canvasFor(one, 192));
  const ask = remarks(form);
  let turned = turn(picture, Number(fields.turn.value));

  // The square in pixels, as `imaging/cropping.py` has it: its place is a share of the room it has to move.
  const square = () => {
    const side = Number(fields.side.value) * Math.min(turned.width, turned.height);
    return { side, x: Number(fields.left.value) * (turned.width - side), y: Number(fields.top.value) * (turned.height - side) };
  };
  const place = (x, y, side) => {
    fields.side.value = side / Math.min(turned.width, turned.height);
    const kept = Number(fields.side.value) * Math.min(turned.width, turned.height); // within the slider's bounds
    for (const [field, at, room] of [[fields.left, x, turned.width - kept], [fields.top, y, turned.height - kept]]) {
      field.value = room > 0 ? Math.min(1, Math.max(0, at / room)) : 0.5;
    }
    draw();
  };
  const draw = () => {
    const { side, x, y } = square();
    for (const canvas of [stage, ...likenesses]) {
      const to = canvas.getContext("2d");
      to.imageSmoothingQuality = "high";
      to.drawImage(turned, x, y, side, side, 0, 0, canvas.width, canvas.height);
    }
    ask();
  };
  const zoom = (factor) => {
    const { side, x, y } = square();
    const smaller = Math.min(side * factor, turned.width, turned.height);
    place(x + (side - smaller) / 2, y + (side - smaller) / 2, smaller);
  };
  const move = (dx, dy) => {
    const { side, x, y } = square();
    const scale = side / stage.getBoundingClientRect().width;
    place(x - dx * scale, y - dy * scale, side);
  };

  for (const name of ["side", "left", "top"]) fields[name].addEventListener("input", draw);
  for (const button of form.querySelectorAll("[value=left], [value=right]")) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      fields.turn.value = (Number(fields.turn.value) + (button.value === "right" ? 90 : 270)) % 360;
      turned = turn(picture, Number(fields.turn.value));
      draw();
    });
  }
  stage.addEventListener("wheel", (event) => { event.preventDefault(); zoom(event.deltaY > 0 ? 1.05 : 1 / 1.05); }, { passive: false });
  fingers(stage, move, zoom);
  form.querySelector(".scripted").hidden = false;
  form.querySelector(".unscripted").hidden = true;
  draw();
}

// What may be wrong with the square, as the server sees it, once the sliders rest.
function remarks(form) {
  let waiting = 0;
  return () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const sliders = ["turn", "left", "top", "side"].map((name) => [name, form.elements[name].value]);
      const answer = await fetch(`${location.pathname}?${new URLSearchParams(sliders)}`).catch(() => null);
      if (!answer?.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      document.querySelector("#remarks").replaceChildren(...page.querySelector("#remarks").childNodes);
    }, 700);
  };
}

// One finger moves, two fingers zoom; a mouse is a finger.
function fingers(stage, move, zoom) {
  const down = new Map();
  const apart = () => {
    const [a, b] = [...down.values()];
    return Math.hypot(a.x - b.x, a.y - b.y);
  };
  stage.addEventListener("pointerdown", (event) => {
    stage.setPointerCapture(event.pointerId);
    down.set(event.pointerId, { x: event.clientX, y: event.clientY });
  });
  stage.addEventListener("pointermove", (event) => {
    const before = down.get(event.pointerId);
    if (!before) return;
    const distance = down.size === 2 ? apart() : 0;
    down.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (down.size === 1) move(event.clientX - before.x, event.clientY - before.y);
    if (down.size === 2 && apart() > 0) zoom(distance / apart());
  });
  for (const name of ["pointerup", "pointercancel"]) stage.addEventListener(name, (event) => down.delete(event.pointerId));
}

// A canvas in the place of a picture that the server drew.
function canvasFor(image, side) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  canvas.className = image.className;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", image.alt || image.closest("figure")?.querySelector("figcaption").textContent || "");
  image.replaceWith(canvas);
  return canvas;
}

function turn(picture, degrees) {
  const [width, height] = [picture.naturalWidth, picture.naturalHeight];
  const lying = degrees % 180 !== 0;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = lying ? [height, width] : [width, height];
  const to = canvas.getContext("2d");
  to.translate(canvas.width / 2, canvas.height / 2);
  to.rotate((degrees * Math.PI) / 180);
  to.drawImage(picture, -width / 2, -height / 2);
  return canvas;
}
