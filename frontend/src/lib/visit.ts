// Going to another page of the map without leaving it: the page is fetched and takes the place of this one, so that the map can fly
// there. Where anything goes wrong the browser goes there by itself.

/** Told with the new page in place; whoever adds something to pages does it again then. */
export const ARRIVED = "zicht:page";

async function swap(address: string): Promise<void> {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!page.querySelector("#map")) throw new Error("no map");
  document.title = page.title;
  document.documentElement.lang = page.documentElement.lang;
  document.body.replaceChildren(...document.adoptNode(page.body).childNodes);
}

/** Go to a page with a map; `push` is false where the browser has gone there already (back and forth). */
export async function visit(address: string, push: boolean): Promise<void> {
  const whole = new URL(address, document.baseURI).href;
  try {
    // First the address: what is relative in the new page counts from there.
    const scroll = scrollY;
    if (push) history.pushState({ map: true }, "", whole);
    await swap(whole);
    scrollTo(0, scroll);
    document.dispatchEvent(new CustomEvent(ARRIVED));
  } catch {
    location.href = whole;
  }
}
