/**
 * The page's own script: draws the charts in the reader's theme and copies the replay line. It is
 * plain text because it runs in the browser; it reads its data from the page's JSON block.
 */
export const pageScript: string = `
'use strict';
(() => {
  const charts = JSON.parse(document.getElementById('charts').textContent);
  const config = { displayModeBar: false, responsive: true, doubleClick: 'reset' };

  function themed(value, style) {
    if (typeof value === 'string' && value.startsWith('var(')) {
      return style.getPropertyValue(value.slice(4, -1)).trim();
    }
    if (Array.isArray(value)) return value.map((item) => themed(item, style));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, themed(item, style)]));
  }

  function draw() {
    const style = getComputedStyle(document.documentElement);
    for (const { id, data, layout } of charts) {
      Plotly.react(id, themed(data, style), themed(layout, style), config);
    }
  }

  for (const chart of charts) {
    const head = document.querySelector('[data-views="' + chart.id + '"]');
    if (!head || chart.views.length < 2) continue;
    const buttons = chart.views.map(({ label, range }, i) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = label;
      button.setAttribute('aria-pressed', String(i === 0));
      button.addEventListener('click', () => {
        for (const other of buttons) other.setAttribute('aria-pressed', String(other === button));
        chart.layout.xaxis.range = range;
        Plotly.relayout(chart.id, { 'xaxis.range': range });
      });
      return button;
    });
    head.append(...buttons);
  }

  for (const box of document.querySelectorAll('.copy')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = 'Copy';
    button.addEventListener('click', () => {
      const code = box.querySelector('code');
      const done = () => { button.textContent = 'Copied'; };
      const select = () => { getSelection().selectAllChildren(code); };
      if (navigator.clipboard) navigator.clipboard.writeText(code.textContent).then(done, select);
      else select();
    });
    box.append(button);
  }

  draw();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
})();
`.trim();
