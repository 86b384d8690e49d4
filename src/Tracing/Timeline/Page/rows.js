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

// Rows in order: a process, its further threads, its children. Threads of closed branches get the row of the branch. With a range of
// time, only threads that lived in it, and those above them, have rows.
function openRows(tree, range) {
  tree.rows = [];
  tree.rowOf = [];
  const stack = [], lived = thread => !range || (thread.start <= range.to && thread.end >= range.from);
  const kept = range ? livingBranches(tree, lived) : null;
  for (let i = tree.roots.length - 1; i >= 0; i--) stack.push({ process: tree.roots[i], depth: 0, hiddenIn: -1 });
  while (stack.length > 0) {
    const { process, depth, hiddenIn } = stack.pop();
    if (kept && !kept.has(process)) continue;
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
      if (!lived(thread)) continue;
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

// Children come behind their parents in the list, so one walk from its end sees all of a branch first.
function livingBranches(tree, lived) {
  const kept = new Set();
  for (let i = tree.processes.length - 1; i >= 0; i--) {
    const process = tree.processes[i];
    if (kept.has(process) || lived(process.thread) || process.threads.some(lived)) {
      kept.add(process);
      if (process.parent) kept.add(process.parent);
    }
  }
  return kept;
}

// Opens all branches above a thread's row.
function reveal(tree, thread) {
  let process = tree.owner[thread.index];
  if (thread === process.thread) process = process.parent;
  for (; process; process = process.parent) process.open = true;
}

// Threads that a text is found in: in the name or command line that they had in the end, an id, a call, or a mark; so also in the path of
// any exec, but not in what a child has from its parent before its exec.
function search(model, tree, text) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return [];
  const hit = model.texts.map(t => t.toLowerCase().includes(wanted));
  return model.threads.filter(thread =>
    String(thread.tid) === wanted || String(thread.pid) === wanted
    || thread.name.toLowerCase().includes(wanted) || thread.command.toLowerCase().includes(wanted)
    || thread.marks.text.some(t => hit[t])
    || thread.calls.name.some(t => hit[t]))
    .sort((a, b) => order(tree, a) - order(tree, b) || a.index - b.index);
}

const order = (tree, thread) => tree.rowOf[thread.index] ?? Infinity;

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
