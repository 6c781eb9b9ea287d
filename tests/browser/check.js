// What must hold of a report in a browser. scripts/test-report puts it at the end of the report and shows that in a frame; the
// page around it is told the outcome, as JSON: a list of what is wrong.
window.addEventListener('load', () => {
  const wrong = [];
  const require = (good, what) => good || wrong.push(what);
  const wanted = window.wanted;

  const width = document.documentElement.clientWidth;
  require(width === wanted.width, `the page is ${width} pixels wide, expected ${wanted.width}`);
  require(document.documentElement.scrollWidth <= width, `it scrolls to the side: ${document.documentElement.scrollWidth}`);
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  require(dark === wanted.dark, `the theme is ${dark ? 'dark' : 'light'}`);

  for (const id of wanted.sections) {
    const section = document.getElementById(id);
    require(section?.querySelector('h2') && section.children.length > 1, `section ${id} is missing or empty`);
    require(document.querySelector(`nav a[href="#${id}"]`), `nothing leads to section ${id}`);
  }
  const ids = [...document.querySelectorAll('[id]')].map(element => element.id);
  require(new Set(ids).size === ids.length, 'an id is there twice');
  for (const image of document.images)
    require(image.complete && image.naturalWidth > 0 && image.alt !== '', `a picture fails: ${image.alt}`);
  for (const drawing of document.querySelectorAll('[role=img], [role=region]'))
    require(drawing.getAttribute('aria-label'), 'a drawing has no name');

  // By keyboard: links, tables that scroll, charts, whose values the arrow keys tell.
  for (const element of document.querySelectorAll('a, summary, [tabindex]')) {
    if (element.closest('details:not([open])') && element.tagName !== 'SUMMARY') continue;
    element.focus();
    require(document.activeElement === element && element.tabIndex >= 0, `no focus: ${element.outerHTML.slice(0, 80)}`);
  }
  for (const box of document.querySelectorAll('.scroll'))
    require(box.scrollWidth <= box.clientWidth || box.tabIndex >= 0, 'a box that scrolls takes no focus');
  for (const figure of document.querySelectorAll('figure[data-chart]')) {
    const plot = figure.querySelector('.plot'), told = figure.querySelector('output');
    plot.focus();
    plot.dispatchEvent(new KeyboardEvent('keydown', { key: 'Home', cancelable: true }));
    const first = told.textContent;
    plot.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', cancelable: true }));
    require(first.startsWith('epoch 1: ') && told.textContent.startsWith('epoch 2: '), `keys tell: ${told.textContent}`);
    const box = plot.getBoundingClientRect();
    plot.dispatchEvent(new PointerEvent('pointermove', { clientX: box.left + 1 }));
    require(told.textContent === first, `the pointer tells: ${told.textContent}`);
  }

  // Contrast, as WCAG 2.2 defines it: 4.5 of text, 3 of what is drawn.
  const channels = color => color.match(/[\d.]+/g).map(Number);
  const luminance = color => channels(color).slice(0, 3).map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, k) => sum + c * [0.2126, 0.7152, 0.0722][k], 0);
  const background = element => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if ((channels(color)[3] ?? 1) > 0) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  const contrast = (a, b) => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  for (const element of document.querySelectorAll('body *:not(script)')) {
    const style = getComputedStyle(element);
    const has_text = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    if (has_text && !element.closest('svg')) {
      const found = contrast(style.color, background(element));
      require(found >= 4.5, `contrast ${found.toFixed(2)} of "${element.textContent.slice(0, 40)}"`);
    }
    if (element.matches('path:not(.grid)'))
      require(contrast(style.stroke, background(element)) >= 3, `contrast of a line ${style.stroke}`);
  }

  parent.postMessage(JSON.stringify([...new Set(wrong)]), '*');
});
