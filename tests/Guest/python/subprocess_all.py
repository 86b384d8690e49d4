#!/usr/bin/python3
# subprocess: run, Popen, pipes both ways, time-outs, errors, groups, environment, shells, large data.
import os, signal, subprocess, sys
from subprocess import PIPE, DEVNULL, STDOUT

def run(*a, **k):
    r = subprocess.run(*a, **k)
    print(r.returncode, r.stdout, r.stderr)

run(["echo", "hello"], capture_output=True, text=True)
run("echo out; echo err >&2; exit 3", shell=True, capture_output=True)
run(["cat"], input="through\ncat\n", capture_output=True, text=True)
run(["sh", "-c", "echo out; echo err >&2"], stdout=PIPE, stderr=STDOUT)
run(["sh", "-c", "kill -TERM $$"], capture_output=True)
run(["env"], env={"A": "1", "B": "two"}, capture_output=True)
run(["pwd"], cwd="/usr", capture_output=True)
data = bytes(range(256)) * 4000
r = subprocess.run(["cat"], input=data, capture_output=True)
print(r.stdout == data, len(r.stdout))
try:
    subprocess.run(["sleep", "100"], timeout=0.1)
except subprocess.TimeoutExpired as e:
    print("timeout", e.cmd)
try:
    subprocess.run(["false"], check=True)
except subprocess.CalledProcessError as e:
    print(e)
for name in ["no-such-program", "/etc/passwd", "/usr"]:
    try:
        subprocess.Popen([name])
    except OSError as e:
        print(type(e).__name__, e.errno)
print(subprocess.check_output(["sort", "-r"], input=b"a\nc\nb\n"))
p = subprocess.Popen(["cat"], stdin=PIPE, stdout=PIPE, text=True, bufsize=1)
for i in range(3):
    p.stdin.write(f"line {i}\n")
    p.stdin.flush()
    print("reply", p.stdout.readline().strip())
p.stdin.close()
print(p.wait(), p.poll())
a = subprocess.Popen(["seq", "20000"], stdout=PIPE)
b = subprocess.Popen(["grep", "7"], stdin=a.stdout, stdout=PIPE)
c = subprocess.Popen(["wc", "-l"], stdin=b.stdout, stdout=PIPE)
a.stdout.close(); b.stdout.close()
print(c.communicate()[0], a.wait(), b.wait())
p = subprocess.Popen(["sleep", "100"])
print(p.poll())
p.send_signal(signal.SIGINT)
print(p.wait())
p = subprocess.Popen(["sleep", "100"]); p.terminate(); print(p.wait())
p = subprocess.Popen(["sleep", "100"], start_new_session=True); os.killpg(p.pid, signal.SIGKILL); print(p.wait())
procs = [subprocess.Popen([sys.executable, "-S", "-E", "-c", f"import sys; sys.exit({i})"]) for i in range(4)]
print([p.wait() for p in procs])
r, w = os.pipe()
subprocess.run(["sh", "-c", f"echo passed >&{w}"], pass_fds=[w])
os.close(w)
print(os.read(r, 100))
print(subprocess.getstatusoutput("echo text; exit 2"))
with subprocess.Popen(["yes"], stdout=PIPE) as p:
    print(p.stdout.readline(), p.kill())
print(p.returncode)
sys.stdout.flush()
subprocess.run(["sh", "-c", "read x || echo no input"], stdin=DEVNULL)
print(subprocess.run(["sh", "-c", "ls /proc/self/fd | wc -l"], capture_output=True, close_fds=True).returncode)
