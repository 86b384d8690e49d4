(function () {
  'use strict';
  const svg = document.getElementById('flames'), info = document.getElementById('info'), reset = document.getElementById('reset'), searchTool = document.getElementById('search');
  const total = Number(svg.dataset.total), margin = Number(svg.dataset.margin), height = Number(svg.getAttribute('height'));
  const frames = [...svg.querySelectorAll('.f')].map(g => {
    const [title, rect, text] = g.children, label = title.textContent;
    return { g, rect, text, label, name: label.slice(0, label.lastIndexOf(' (')), x: Number(g.dataset.x), w: Number(g.dataset.w), y: Number(rect.getAttribute('y')) };
  });
  const standing = info.textContent;
  let from = 0, span = total, level = Infinity, found = null;

  function layout() {
    const width = Math.max(300, document.documentElement.clientWidth || innerWidth), room = width - 2 * margin;
    svg.setAttribute('width', width);
    svg.setAttribute('viewBox', '0 0 ' + width + ' ' + height);
    searchTool.setAttribute('x', width - margin);
    for (const frame of frames) {
      const isAbove = frame.y > level && frame.x <= from && frame.x + frame.w >= from + span;
      const x0 = Math.max(frame.x, from), x1 = Math.min(frame.x + frame.w, from + span), w = Math.max(0, x1 - x0) / span * room;
      const isShown = w > 0 && (frame.y <= level || isAbove);
      frame.g.style.display = isShown ? '' : 'none';
      if (!isShown) continue;
      frame.g.classList.toggle('above', isAbove);
      const x = margin + (x0 - from) / span * room;
      frame.rect.setAttribute('x', x);
      frame.rect.setAttribute('width', Math.max(0.1, w - 0.4));
      frame.text.setAttribute('x', x + 4);
      const letters = Math.floor((w - 8) / 6.6);
      frame.text.textContent = letters >= frame.name.length ? frame.name : letters < 3 ? '' : frame.name.slice(0, letters - 1) + '…';
    }
    reset.setAttribute('visibility', span === total ? 'hidden' : 'visible');
    svg.dataset.from = from;
    svg.dataset.span = span;
  }

  function zoom(frame) {
    from = frame.x;
    span = frame.w;
    level = frame.y;
    layout();
  }

  function search(words) {
    let pattern = null;
    try {
      pattern = words ? new RegExp(words, 'i') : null;
    } catch {
      pattern = new RegExp(words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i');
    }
    // What is called by a match is part of it, and not counted again.
    let sum = 0, covered = -1;
    for (const frame of [...frames].sort((a, b) => a.x - b.x || b.w - a.w)) {
      const isMatch = pattern !== null && pattern.test(frame.name);
      frame.g.classList.toggle('found', isMatch);
      if (!isMatch || frame.x < covered) continue;
      sum += frame.w;
      covered = frame.x + frame.w;
    }
    found = pattern ? 'Found ' + words + ': ' + (100 * sum / total).toFixed(1) + ' %' : null;
    info.textContent = found ?? standing;
  }

  for (const frame of frames) {
    frame.g.addEventListener('click', () => zoom(frame));
    frame.g.addEventListener('mouseenter', () => info.textContent = frame.label);
    frame.g.addEventListener('mouseleave', () => info.textContent = found ?? standing);
  }
  reset.addEventListener('click', () => { from = 0; span = total; level = Infinity; layout(); });
  const ask = () => search(prompt('Functions whose names match', '') ?? '');
  searchTool.addEventListener('click', ask);
  addEventListener('keydown', event => {
    if (event.key === '/') { event.preventDefault(); ask(); }
    if (event.key === 'Escape') { search(''); from = 0; span = total; level = Infinity; layout(); }
  });
  addEventListener('resize', layout);
  const words = new URLSearchParams(location.hash.slice(1)).get('q');
  if (total > 0) layout();
  if (words) search(words);
})();
