// What a reader can take away once scripts run: a PNG of every chart, whose drawing is there to download already, and the map as it is
// seen, as a picture and as a drawing.

import { html } from "./dom";

/** A button in a list of files; what it makes takes a moment, and where it cannot be made the list says so. */
function button(list: HTMLElement, name: string, said: string, before: Element | null, make: () => Promise<void>): void {
  const made = html("button", { type: "button" }, name);
  const told = html("span", { role: "status" }, said);
  made.addEventListener("click", async () => {
    made.setAttribute("aria-busy", "true");
    try {
      await make();
      told.textContent = said;
    } catch {
      told.textContent = list.dataset["failed"] ?? "";
    } finally {
      made.removeAttribute("aria-busy");
    }
  });
  list.insertBefore(html("li", {}, made, " ", told), before);
}

/** Adds a picture and a drawing of what is seen to what can be taken of the map. */
function ofMap(): void {
  const list = document.querySelector<HTMLElement>("#map-takes");
  const box = document.querySelector<HTMLElement>("#map");
  const legend = document.querySelector(".map-column .legend");
  if (!list || !box || !legend) return;
  const { name = "", title = "", under = "", note = "", seen: said = "", drawing = "" } = list.dataset;
  const made = async (): Promise<[string, string]> => {
    const { drawingOf } = await import("./mappicture");
    const period = document.querySelector("#map-period-words")?.textContent ?? list.dataset["period"] ?? "";
    return [`${name}-${period.replace(/\W+/g, "-")}`, drawingOf(box, legend, { title, under: `${under}, ${period}`, note })];
  };
  const first = list.firstElementChild;
  button(list, "PNG", said, first, async () => {
    const [{ picture, save }, [file, whole]] = await Promise.all([import("./picture"), made()]);
    save(`${file}.png`, await picture(whole));
  });
  button(list, "SVG", drawing, first, async () => {
    const [{ save }, [file, whole]] = await Promise.all([import("./picture"), made()]);
    save(`${file}.svg`, new Blob([whole], { type: "image/svg+xml" }));
  });
}

/** Adds a PNG to the files of every chart that has none, and pictures of the map. */
export function takes(): void {
  ofMap();
  for (const list of document.querySelectorAll<HTMLElement>(".takes[data-picture]")) {
    const drawing = list.querySelector<HTMLAnchorElement>('a[href$=".svg"]');
    if (!drawing) continue;
    button(list, "PNG", list.dataset["picture"] ?? "", list.firstElementChild, async () => {
      const { pictureOf, save } = await import("./picture");
      const [subject, name] = drawing.pathname.split("/").slice(-2);
      save(`${subject}-${name}`.replace(/svg$/, "png"), await pictureOf(drawing.href));
    });
  }
}
