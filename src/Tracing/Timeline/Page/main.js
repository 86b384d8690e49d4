// Putting it together.

// The records come last in the page, so that one which was cut off shows what there is.
addEventListener('DOMContentLoaded', () => {
  const byId = id => document.getElementById(id);
  const model = readRecords(readBlocks(document.querySelectorAll('script.records'))), tree = buildTree(model);
  openRows(tree);
  const view = createView(model, tree), canvas = byId('canvas'), stage = byId('stage'), tip = byId('tip'), searchBox = byId('search');
  let colours = readColours(), pending = false, hashTimer = 0, rowsFrom = 0, rowsTo = 0;

  function paint() {
    pending = false;
    const ratio = devicePixelRatio || 1, width = stage.clientWidth, height = stage.clientHeight;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    view.width = width;
    view.height = height;
    view.names = Math.min(view.names, Math.max(120, width / 2));
    if (view.onlyHere && (rowsFrom !== view.from || rowsTo !== view.to)) updateRows();
    scrollTo(view, view.scroll);
    const g = canvas.getContext('2d', { alpha: false });
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    draw(view, g, colours);
  }

  function redraw() {
    if (pending) return;
    pending = true;
    requestAnimationFrame(paint);
    clearTimeout(hashTimer);
    hashTimer = setTimeout(writeAddress, 300);
  }

  // The rows depend on what is open and, if the user wants that, on what time is on the screen.
  function updateRows() {
    openRows(tree, view.onlyHere ? view : null);
    rowsFrom = view.from;
    rowsTo = view.to;
    report();
  }

  function select(selected) {
    view.selected = selected;
    showDetails(view, byId('details'), go);
    report();
    redraw();
  }

  function bringUp(thread) {
    reveal(tree, thread);
    updateRows();
    if (tree.rowOf[thread.index] !== undefined) scrollToRow(view, tree.rowOf[thread.index]);
  }

  // Selects what a thread did at a time, and brings it onto the screen.
  function go(thread, time) {
    if (time < view.from || time > view.to) showTime(view, time - (view.to - view.from) / 2, time + (view.to - view.from) / 2);
    bringUp(thread);
    select({ thread, slice: sliceAt(view, thread, time, 0) });
  }

  function selectRow(step) {
    const rows = tree.rows, now = (view.selected && tree.rowOf[view.selected.thread.index]) ?? (step > 0 ? -1 : rows.length);
    const row = Math.min(Math.max(0, now + step), rows.length - 1);
    if (row < 0) return;
    scrollToRow(view, row);
    select({ thread: rows[row].thread });
  }

  function selectSlice(step) {
    const { thread, slice } = view.selected ?? {};
    if (!thread) return;
    const i = Math.min(Math.max(0, slice === undefined || slice < 0 ? Math.max(0, lastNotAbove(thread.t, view.from)) : slice + step), thread.t.length - 1);
    if (i >= 0) go(thread, thread.t[i]);
  }

  function toggle(process) {
    process.open = !process.open;
    updateRows();
  }

  function zoomToSelection() {
    const { thread, slice, call } = view.selected ?? {};
    if (!thread) return;
    const isSlice = slice !== undefined && slice >= 0;
    const begin = call !== undefined ? thread.calls.t[call] : isSlice ? thread.t[slice] : thread.start;
    const end = call !== undefined && thread.calls.end[call] >= 0 ? thread.calls.end[call] : isSlice ? sliceEnd(model, thread, slice) : Math.min(thread.end, model.end);
    const margin = Math.max(10, (end - begin) * 0.15);
    showTime(view, begin - margin, end + margin);
  }

  function find() {
    view.matches = search(model, tree, searchBox.value);
    view.matchSet = new Set(view.matches);
    view.match = -1;
    if (view.matches.length > 0) nextMatch(1);
    report();
    redraw();
  }

  function nextMatch(step) {
    const count = view.matches.length;
    if (count === 0) return;
    view.match = (view.match + step + count) % count;
    const thread = view.matches[view.match];
    if (thread.start > view.to || thread.end < view.from) fit(view);
    bringUp(thread);
    select({ thread });
  }

  const app = {
    canvas, redraw, zoomToSelection,
    click(hit, x) {
      if (hit?.row && x < view.names && hit.row.hasMore && x < 24 + Math.min(hit.row.depth, 12) * 13) toggle(hit.row.process);
      else select(hit ? { thread: hit.thread, slice: hit.slice, call: hit.call } : null);
    },
    showTip(hit, x, y) {
      const text = hit ? tipText(view, hit) : '';
      tip.hidden = !text;
      if (!text) return;
      tip.textContent = text;
      tip.style.left = Math.max(4, Math.min(x + 14, view.width - tip.offsetWidth - 8)) + 'px';
      tip.style.top = Math.max(4, Math.min(y + 18, view.height - tip.offsetHeight - 8)) + 'px';
    },
    hideTip() {
      tip.hidden = true;
    },
    keys: {
      'w': () => zoom(view, 0.7), '+': () => zoom(view, 0.7), '=': () => zoom(view, 0.7), 's': () => zoom(view, 1 / 0.7), '-': () => zoom(view, 1 / 0.7),
      'a': () => pan(view, -plotWidth(view) / 6), 'ArrowLeft': () => pan(view, -plotWidth(view) / 6),
      'd': () => pan(view, plotWidth(view) / 6), 'ArrowRight': () => pan(view, plotWidth(view) / 6),
      'ArrowUp': () => selectRow(-1), 'ArrowDown': () => selectRow(1),
      'PageUp': () => scrollTo(view, view.scroll - view.height / 2), 'PageDown': () => scrollTo(view, view.scroll + view.height / 2),
      'Home': () => scrollTo(view, 0), 'End': () => scrollTo(view, Infinity),
      ',': () => selectSlice(-1), '.': () => selectSlice(1),
      ' ': () => view.selected && toggle(tree.owner[view.selected.thread.index]),
      'f': zoomToSelection, '0': () => fit(view), '/': () => searchBox.select(),
      'n': () => nextMatch(1), 'h': changeRows, 'r': changeArrows, '?': () => byId('help').showModal(), 'Escape': () => select(null),
    },
  };

  function changeArrows() {
    view.arrows = (view.arrows + 1) % 3;
    byId('arrows').textContent = ['Arrows', 'Arrows: row', 'Arrows: off'][view.arrows];
  }

  function changeRows() {
    view.onlyHere = !view.onlyHere;
    byId('rows').textContent = view.onlyHere ? 'Rows here' : 'All rows';
    updateRows();
  }

  // What the page shows, in words; also for who cannot see the canvas.
  function report() {
    const plural = (count, one, many) => count.toLocaleString('en') + ' ' + (count === 1 ? one : many ?? one + 's');
    const summary = byId('summary');
    summary.textContent = [
      plural(tree.processes.length, 'process', 'processes'), plural(model.threads.length, 'thread'), plural(model.slices, 'slice'),
      plural(model.flows.t.length, 'arrow'), plural(model.marks, 'mark'),
      ...(model.calls ? [plural(model.calls, 'call')] : []), ...(model.samples ? [plural(model.samples, 'sample')] : []),
      lengthText(model.end) + (model.whole ? '' : ' (cut off)'),
    ].join(' · ');
    Object.assign(summary.dataset, {
      processes: tree.processes.length, threads: model.threads.length, rows: tree.rows.length, slices: model.slices, flows: model.flows.t.length,
      marks: model.marks, calls: model.calls, samples: model.samples, end: model.end, whole: model.whole,
      matches: view.matches.length, selected: view.selected ? threadText(view.selected.thread) : '',
    });
    byId('found').textContent = !searchBox.value.trim() ? '' : view.matches.length === 0 ? 'none' : (view.match + 1) + ' of ' + view.matches.length;
  }

  // The address keeps the view, so that it can be sent on: #from=NS&to=NS&rows=here&thread=INDEX&at=NS&q=TEXT
  function readAddress() {
    const part = new URLSearchParams(location.hash.slice(1)), number = name => part.has(name) ? Number(part.get(name)) : NaN;
    if (number('to') > number('from')) showTime(view, number('from'), number('to'));
    if (part.get('rows') === 'here') changeRows();
    if (part.get('q')) {
      searchBox.value = part.get('q');
      find();
    }
    const thread = model.threads[number('thread')];
    if (thread) {
      bringUp(thread);
      select({ thread, slice: part.has('at') ? sliceAt(view, thread, number('at'), 0) : undefined });
    }
  }

  function writeAddress() {
    const part = new URLSearchParams({ from: Math.round(view.from), to: Math.round(view.to) }), { thread, slice } = view.selected ?? {};
    if (thread) part.set('thread', thread.index);
    if (thread && slice >= 0) part.set('at', thread.t[slice]);
    if (view.onlyHere) part.set('rows', 'here');
    if (searchBox.value) part.set('q', searchBox.value);
    history.replaceState(null, '', '#' + part);
  }

  byId('title').textContent = document.title = model.title || 'Timeline';
  byId('title').title = byId('title').textContent + (model.started ? '\n' + new Date(model.started * 1000).toISOString() : '');
  byId('empty').hidden = model.threads.length > 0;
  showLegend(byId('legend'), model.samples > 0);
  byId('zoom-in').onclick = () => { zoom(view, 0.7); redraw(); };
  byId('zoom-out').onclick = () => { zoom(view, 1 / 0.7); redraw(); };
  byId('fit').onclick = () => { fit(view); redraw(); };
  byId('arrows').onclick = () => { changeArrows(); redraw(); };
  byId('rows').onclick = () => { changeRows(); redraw(); };
  byId('help-button').onclick = () => byId('help').showModal();
  searchBox.addEventListener('input', find);
  searchBox.addEventListener('keydown', event => {
    if (event.key !== 'Enter') return;
    nextMatch(event.shiftKey ? -1 : 1);
    report();
  });
  listen(view, app);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { colours = readColours(); redraw(); });
  new ResizeObserver(() => { view.busy = null; paint(); }).observe(stage);
  paint();
  fit(view);
  showDetails(view, byId('details'), go);
  readAddress();
  report();
  paint();
  canvas.focus();
});
