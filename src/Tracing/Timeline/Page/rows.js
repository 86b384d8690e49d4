// The tree of processes, and the rows that are open.

function buildTree(model) {
  const latest = new Map(), processes = [], owner = [];
  for (const thread of model.threads) {
    let process = latest.get(thread.pid);
    if (!process || thread.tid === thread.pid) {
      process = { thread, threads: [], children: [], parent: null, open: true, depth: 0 };
      latest.set(thread.pid, process);
      processes.push(process);
      const parent = thread.maker >= 0 ? owner[thread.maker] : null;
      if (parent && parent !== process) {
        process.parent = parent;
        parent.children.push(process);
      }
    } else {
      process.threads.push(thread);
    }
    owner[thread.index] = process;
  }
  return { roots: processes.filter(p => !p.parent), processes, owner, rows: [], rowOf: [] };
}

// Rows in order: a process, its further threads, its children. Threads of closed branches get the row of the branch.
function openRows(tree) {
  tree.rows = [];
  tree.rowOf = [];
  const stack = [];
  for (let i = tree.roots.length - 1; i >= 0; i--) stack.push({ process: tree.roots[i], depth: 0, hiddenIn: -1 });
  while (stack.length > 0) {
    const { process, depth, hiddenIn } = stack.pop();
    let row = hiddenIn;
    if (row < 0) {
      row = tree.rows.length;
      process.depth = depth;
      const hasMore = process.threads.length + process.children.length > 0;
      tree.rows.push({ thread: process.thread, process, depth, isProcess: true, hasMore });
    }
    tree.rowOf[process.thread.index] = row;
    const hideMore = hiddenIn >= 0 ? hiddenIn : process.open ? -1 : row;
    for (const thread of process.threads) {
      if (hideMore < 0) {
        tree.rowOf[thread.index] = tree.rows.length;
        tree.rows.push({ thread, process, depth: depth + 1, isProcess: false, hasMore: false });
      } else {
        tree.rowOf[thread.index] = hideMore;
      }
    }
    for (let i = process.children.length - 1; i >= 0; i--) stack.push({ process: process.children[i], depth: depth + 1, hiddenIn: hideMore });
  }
}

// Opens all branches above a thread's row.
function reveal(tree, thread) {
  let process = tree.owner[thread.index], changed = false;
  if (thread === process.thread) process = process.parent;
  for (; process; process = process.parent) {
    changed ||= !process.open;
    process.open = true;
  }
  if (changed) openRows(tree);
}

// Threads that a text is found in: in a name, a command line, an id, or a mark.
function search(model, tree, text) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return [];
  const hit = model.texts.map(t => t.toLowerCase().includes(wanted));
  return model.threads.filter(thread =>
    String(thread.tid) === wanted || String(thread.pid) === wanted
    || thread.names.some(n => n.name.toLowerCase().includes(wanted) || n.command.toLowerCase().includes(wanted))
    || thread.marks.text.some(t => hit[t])
    || thread.calls.name.some(t => hit[t]))
    .sort((a, b) => tree.rowOf[a.index] - tree.rowOf[b.index] || a.index - b.index);
}

// What every processor ran: slices by processor, in order of time.
function processorSlices(model) {
  const lanes = Array.from({ length: model.processors }, () => []);
  for (const thread of model.threads) {
    for (let i = 0; i < thread.t.length; i++) {
      if (thread.s[i] === Running && thread.cpu[i] < lanes.length) lanes[thread.cpu[i]].push({ thread, slice: i, t: thread.t[i], end: sliceEnd(model, thread, i) });
    }
  }
  for (const lane of lanes) lane.sort((a, b) => a.t - b.t);
  return lanes;
}
