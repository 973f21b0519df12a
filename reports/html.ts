/** Markup that may be put into a page as it stands; made by {@link html} only. */
export interface Html {
  readonly markup: string;
}

type Slot = string | number | null | undefined | Html | readonly Html[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * A template whose every slot is escaped, for element content and quoted attributes alike. Only
 * markup made by another `html` template goes in as it is, so nothing can be forgotten.
 */
export function html(literals: TemplateStringsArray, ...slots: readonly Slot[]): Html {
  let markup = literals[0] as string;
  for (let i = 0; i < slots.length; i += 1) {
    markup += renderSlot(slots[i]) + (literals[i + 1] as string);
  }
  return { markup };
}

function renderSlot(slot: Slot): string {
  if (slot === null || slot === undefined) return '';
  if (typeof slot === 'string') return escapeHtml(slot);
  if (typeof slot === 'number') return String(slot);
  if ('markup' in slot) return slot.markup;
  return slot.map((item) => item.markup).join('');
}

/** Text as HTML text: the five characters that mean something there, and no control characters. */
function escapeHtml(text: string): string {
  // Control characters have no place in HTML; a visible mark shows that something was there.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose.
  const visible = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '\ufffd');
  return visible.replace(/[&<>"']/g, (character) => entities[character] as string);
}

/** Trusted script text, made harmless to the HTML parser that looks for its end. */
export function escapeScript(script: string): string {
  return script
    .replace(/\r\n?/g, '\n')
    .replace(/<\/(script)/gi, '<\\/$1')
    .replace(/<!--/g, '<\\!--');
}

/** A value as JSON for a `<script type="application/json">`; no `<` is left in it. */
export function escapeJson(value: unknown): string {
  return JSON.stringify(value).replace(/</g, '\\u003c');
}
