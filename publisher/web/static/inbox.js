// Copy buttons. Without a script the same text waits in a box, to be selected by hand. The page has the words.
"use strict";

function escaped(text) {
  const box = document.createElement("p");
  box.textContent = text;
  return box.innerHTML;
}

// What a part is, as HTML for editors that understand it and as plain text for the others.
function content(article, part) {
  const title = article.querySelector("[data-part=title]").textContent;
  if (part === "title") return { plain: title };
  const plain = article.querySelector(`[data-plain=${part}]`).value;
  const text = article.querySelector("[data-part=text]").innerHTML;
  if (part === "text") return { plain, html: text };
  const source = article.querySelector(".source");
  return { plain, html: `<h2>${escaped(title)}</h2>${text}${source ? `<p>${source.innerHTML}</p>` : ""}` };
}

async function write({ plain, html }) {
  if (!html || !window.ClipboardItem) return navigator.clipboard.writeText(plain);
  const item = { "text/plain": new Blob([plain], { type: "text/plain" }) };
  item["text/html"] = new Blob([html], { type: "text/html" });
  return navigator.clipboard.write([new ClipboardItem(item)]);
}

// The way for pages without https, where there is no clipboard: select, and try the old command.
function select(article, part) {
  if (part === "all") {
    article.querySelector(".plain").open = true;
    article.querySelector("[data-plain=all]").select();
  } else {
    window.getSelection().selectAllChildren(article.querySelector(`[data-part=${part}]`));
  }
  return document.execCommand("copy");
}

async function copy(button) {
  const article = button.closest("article");
  const part = button.dataset.copy;
  const said = article.querySelector(".said");
  said.textContent = "";
  try {
    await write(content(article, part));
    said.textContent = said.dataset[part];
  } catch {
    said.textContent = select(article, part) ? said.dataset[part] : said.dataset.selected;
  }
}

for (const tools of document.querySelectorAll(".tools")) tools.hidden = false;
for (const button of document.querySelectorAll("[data-copy]")) button.addEventListener("click", () => copy(button));
