import { type Html, html } from './html.ts';

/** A table cell with the value, and below it its interval. */
export function figureCell(text: string): Html {
  const cut = text.indexOf(' [');
  if (cut < 0) return html`<td class="nowrap">${text}</td>`;
  return html`<td class="nowrap">${text.slice(0, cut)}
<span class="interval">${text.slice(cut + 1)}</span></td>`;
}
