/**
 * Draws the figures that stand as JSON in the page: at once where they are in sight, else when their fold is
 * opened. It makes no markup; the texts of the figures were escaped when they were made.
 */
export const pageScript = `'use strict';
(() => {
  const figures = JSON.parse(document.getElementById('figures').textContent);
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const drawn = new Set();
  const read = (name) =>
    getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
  const paint = (value) => {
    if (typeof value === 'string' && /^@[a-z]+$/.test(value)) return read(value.slice(1));
    if (Array.isArray(value)) return value.map(paint);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, paint(part)]));
  };
  const axis = (given) => ({
    automargin: true,
    gridcolor: read('line'),
    linecolor: read('line'),
    zerolinecolor: read('muted'),
    fixedrange: false,
    ...given,
  });
  const printed = () => document.documentElement.classList.contains('printed');
  // The page is laid out for paper only after this has run: A4 and Letter leave 680 px beside their margins.
  const paperWidth = (node) => (node.closest('details.run') === null ? 680 : 650);
  const draw = (node) => {
    const figure = paint(figures[Number(node.dataset.figure)]);
    const layout = {
      margin: { l: 56, r: 16, t: 8, b: 44 },
      paper_bgcolor: 'rgba(0,0,0,0)',
      plot_bgcolor: 'rgba(0,0,0,0)',
      font: { color: read('ink'), size: 12, family: 'system-ui, sans-serif' },
      hoverlabel: { bgcolor: read('paper'), bordercolor: read('line'), font: { color: read('ink') } },
      legend: { orientation: 'h', y: 1.02, yanchor: 'bottom', x: 0 },
      hovermode: 'closest',
      barmode: 'overlay',
      dragmode: false,
      ...figure.layout,
      width: printed() ? paperWidth(node) : Math.max(280, node.clientWidth),
      xaxis: axis(figure.layout.xaxis),
      yaxis: axis(figure.layout.yaxis),
    };
    drawn.add(node);
    Plotly.react(node, figure.data, layout, { displayModeBar: false, responsive: false });
  };
  const charts = () => [...document.querySelectorAll('[data-figure]')];
  const inSight = (node) => node.closest('details:not([open])') === null;
  const drawNew = () => charts().filter((node) => !drawn.has(node) && inSight(node)).forEach(draw);
  const drawAgain = () => [...drawn].filter(inSight).forEach(draw);
  addEventListener('toggle', drawNew, true);
  dark.addEventListener('change', drawAgain);
  let waiting;
  addEventListener('resize', () => {
    clearTimeout(waiting);
    waiting = setTimeout(drawAgain, 150);
  });
  let opened = [];
  const unfold = () => {
    if (printed()) return;
    opened = [...document.querySelectorAll('details.paper:not([open])')];
    opened.forEach((fold) => { fold.open = true; });
    document.documentElement.classList.add('printed');
    charts().filter(inSight).forEach(draw);
  };
  const foldAgain = () => {
    document.documentElement.classList.remove('printed');
    opened.forEach((fold) => { fold.open = false; });
    opened = [];
    drawAgain();
  };
  addEventListener('beforeprint', unfold);
  addEventListener('afterprint', foldAgain);
  drawNew();
  document.documentElement.classList.add('drawn');
})();`;
