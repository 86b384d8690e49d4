#!/bin/sh
# git: init, add, commit, log, branches, merge with a conflict, diff, stash, tags, clone, gc, fsck; hashes are the same everywhere.
# needs: git
# timeout: 300
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.org GIT_AUTHOR_DATE='1000000000 +0000' GIT_COMMITTER_DATE='1000000000 +0000' GIT_CONFIG_NOSYSTEM=1 GIT_PAGER=cat HOME=$PWD
d=$(mktemp -d); cd "$d"
git init -q -b main repo; cd repo; git status --short; echo one >a; mkdir d; echo two >d/b; ln -s a link; echo x >run; chmod +x run; git add .; git status --short; git commit -q -m "First"; git log --format='%H %an %s'
echo changed >>a; git diff | tail -n 4; git commit -q -a -m "Second"; git log --oneline | wc -l; git show --stat --format=%s | head -n 3; git ls-tree -r HEAD; git cat-file -p HEAD | head -n 2; git rev-parse HEAD~1
git checkout -q -b side; echo side >s; git add s; git commit -q -m "Side"; git checkout -q main; echo main >m; git add m; git commit -q -m "Main"; git merge -q -m "Merge" side; git log --graph --format=%s; git branch; git rev-parse HEAD
git checkout -q -b c1; echo c1 >a; git commit -q -a -m c1; git checkout -q main; echo c2 >a; git commit -q -a -m c2; git merge c1 >/dev/null; echo "status $?"; grep -c '<<<<' a; git status --short | head -n 1; echo both >a; git add a; git commit -q -m resolved; git tag v1; git tag -a v2 -m annotated; git tag; git describe
echo dirty >>m; git stash -q; git status --short; git stash pop -q; git status --short; git checkout -q -- m; git mv s renamed; git rm -q m; git commit -q -m moved; git log --follow --format=%s renamed | head -n 1; git blame -s a | cut -c1-8 | wc -l; git rebase -q c1 2>/dev/null; echo "rebase $?"; git rebase --abort 2>/dev/null; git reset -q --hard v1; git grep -n one HEAD~5 -- a 2>/dev/null | head -n 1; git archive HEAD | tar tf - | sort
git clone -q . ../copy; cd ../copy; git log --oneline | wc -l; echo up >up; git add up; git commit -q -m up; git push -q origin HEAD:refs/heads/up; cd ../repo; git log -1 --format=%s up; git gc -q; git fsck 2>&1 | grep -c error; git count-objects -v | grep '^packs'; git bisect start -q HEAD HEAD~2 >/dev/null 2>&1; git bisect reset -q 2>/dev/null; git hash-object a; echo "text" | git hash-object --stdin; git diff --stat HEAD~1 | tail -n 1; git shortlog -s HEAD; git worktree list | wc -l; git config user.name B; git config --get user.name; git nothing 2>/dev/null; echo "status $?"
cd /; rm -rf "$d"
