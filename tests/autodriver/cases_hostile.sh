# What a hostile job, or a hostile caller, may try.
# shellcheck shell=bash disable=SC2034,SC2154  # the variables are of harness.sh

it_does_not_wait_for_a_daemon_and_kills_it() {
  lab <<'E'
all:
|@setsid sh -c 'trap "" TERM HUP; sleep 1000' & setsid sleep 1001 >/dev/null 2>&1 &
|@echo done
E
  drive -t 20 lab
  ended_with 0
  output_is 'done'
  within 1500
}

it_outlives_a_job_that_kills_all_it_can() {
  lab <<'E'
all:
|@sleep 30 & for i in $$(seq 1 400); do kill -9 $$i 2>/dev/null; done; kill -9 -1
E
  drive -t 20 lab
  ended_with 0
  first_line_is 'Autodriver: Job ended by signal 9'
  within 3000
}

it_ends_a_job_that_kills_everything_for_ever() {
  lab <<'E'
all:
|@python3 war.py
E
  cat >/home/autolab/lab/war.py <<'P'
import os
for _ in range(3):
    os.fork()
while True:
    os.kill(-1, 19)
    os.kill(-1, 18)
    os.fork()
P
  drive -u 40 -t 2 -o 1000 lab
  within 6000
}

it_ends_a_job_that_stops_itself() {
  lab <<'E'
all:
|@kill -STOP $$PPID; kill -STOP $$$$
E
  drive -t 1 lab
  ended_with 2
  within 2500
}

it_goes_on_when_the_job_closes_its_output() {
  lab <<'E'
all:
|@echo seen; exec >/dev/null 2>&1; sleep 0.5
E
  drive -t 20 lab
  ended_with 0
  output_is seen
}

it_gives_the_job_no_way_to_more_rights() {
  lab <<'E'
all:
|@grep -E '^(Cap(Inh|Prm|Eff|Amb)|NoNewPrivs|Groups|SigBlk|SigIgn)' /proc/self/status | \
|  tr -d ' \t' | \
|  sed '/SigIgn/s/180000000$$/000000000/'
|@ls /proc/self/fd | wc -l
E
  exec 7</etc/shadow 8</etc/shadow
  (
    trap '' CHLD USR1
    drive lab 7<&7 8<&8
    ended_with 0
    # (The C library of make has its children ignore its own signals 32 and 33.)
    output_is 'Groups:
SigBlk:0000000000000000
SigIgn:0000000000000000
CapInh:0000000000000000
CapPrm:0000000000000000
CapEff:0000000000000000
CapAmb:0000000000000000
NoNewPrivs:1
4'
  )
  exec 7<&- 8<&-
}

it_deletes_files_wherever_the_job_can_leave_them() {
  lab <<'E'
all:
|@for d in .. /tmp /var/tmp /dev/shm /run/lock; do \
|  mkdir -p $$d/dir/dir && touch $$d/file $$d/dir/dir/file && mkfifo $$d/fifo && \
|  ln -s /etc $$d/link; done
|@ipcmk -M 1000 -Q -S 1 >/dev/null
|@install -d -m 777 /tmp/roots/mine && touch /tmp/roots/mine/file
E
  install -d -m 1777 /tmp/roots
  touch /tmp/roots/keep
  drive --report 3 lab
  ended_with 0
  output_is ''
  reported '"cleaned":true'
  [[ -e /tmp/roots/keep && ! -e /tmp/roots/mine ]] || fail 'the wrong files were deleted'
  rm -r /tmp/roots
  [[ -e /etc/passwd ]] || fail '/etc was deleted'
  ! grep -qw 1001 /proc/sysvipc/* || fail 'ipc objects are left'
}

it_deletes_folders_that_are_locked() {
  lab <<'E'
all:
|@mkdir -p a/b/c/d /tmp/x/y/z && touch a/b/c/d/f && chmod 0 a/b/c/d a/b/c a/b a /tmp/x/y /tmp/x
|@chmod 0 ..
E
  drive --report 3 lab
  ended_with 0
  reported '"cleaned":true'
}

it_deletes_a_tree_of_any_depth() {
  lab <<'E'
all:
|@python3 deep.py
E
  cat >/home/autolab/lab/deep.py <<'P'
import os
for _ in range(10000):
    os.mkdir("d" * 200)
    os.chdir("d" * 200)
    open("f", "w")
P
  drive --report 3 -t 60 lab
  ended_with 0
  first_line_is 'Autodriver: Job exited with status 0'
  reported '"cleaned":true'
  echo "    cleaned and all in $millis ms"
}

it_deletes_a_great_many_files() {
  lab <<'E'
all:
|@python3 many.py
E
  cat >/home/autolab/lab/many.py <<'P'
import os
for i in range(50000):
    open(f"/tmp/{i}", "w")
for i in range(20000):
    os.mkdir(f"d{i}")
P
  drive --report 3 -t 60 lab
  reported '"cleaned":true'
}

it_is_not_held_by_an_output_pipe_that_was_given_away() {
  lab <<'E'
all:
|@python3 give.py
E
  cat >/home/autolab/lab/give.py <<'P'
import socket, time
s = socket.socket(socket.AF_UNIX)
s.connect("/tmp/give")
socket.send_fds(s, [b"x"], [1])
time.sleep(0.3)
P
  as_autolab python3 -c '
import os, socket, stat
s = socket.socket(socket.AF_UNIX); s.bind("/tmp/give"); os.chmod("/tmp/give", 0o777); s.listen()
c, _ = s.accept(); fd = socket.recv_fds(c, 1, 1)[1][0]
while True: os.write(fd, b"y" * 4096)' 2>/dev/null &
  local holder=$!
  sleep 0.5
  drive -t 20 -o 1000 lab
  kill "$holder" || true  # it may have seen the pipe's end already
  rm -f /tmp/give
  ended_with 0
  output_has yyyy
  within 4000
}

it_cannot_be_signalled_by_its_caller() {
  lab <<'E'
all:
|@sleep 1; echo whole
E
  (drive lab) &
  local run=$! pid
  sleep 0.5
  for pid in $(pgrep -x autodriver); do
    ! as_autolab kill -9 "$pid" 2>/dev/null || fail 'killed'
    ! setpriv --reuid=1001 --regid=1001 --clear-groups kill -9 "$pid" 2>/dev/null || fail 'killed'
  done
  wait "$run"
  output_is whole
}

it_cleans_up_when_it_is_told_to_stop() {
  lab <<'E'
all:
|@touch /tmp/file; sleep 60
E
  (drive lab; ended_with 3; first_line_is 'Autodriver: stopped by signal 15'; within 5000) &
  local run=$!
  sleep 0.7
  kill -TERM "$(pgrep -o -x autodriver)"
  wait "$run"
}

it_takes_the_job_with_it_when_it_is_killed_and_the_next_run_cleans_up() {
  lab <<'E'
all:
|@setsid sleep 1000 & touch /tmp/file; sleep 1000
E
  (drive lab) &
  local run=$!
  sleep 0.7
  kill -KILL "$(pgrep -o -x autodriver)"
  wait "$run"
  sleep 0.3
  [[ $KIND != vm || -z $(alive 1001 .) ]] || fail 'a process lives on'
  [[ -z $(pgrep -x make) ]] || fail 'make lives on'
  lab <<<'all:; @echo fine'
  drive lab
  output_is fine
}

it_works_when_its_caller_has_closed_and_limited_everything() {
  lab <<<'all:; @echo fine; touch made; stat -c %a made'
  status=0
  (
    umask 777
    ulimit -S -f 0 -n 20
    as_autolab python3 -c '
import os, signal
for s in range(1, 32):
    if s not in (9, 19, 2, 15, 1, 3): signal.signal(s, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 60))
signal.alarm(1)
os.close(0); os.close(2)
os.execv("/usr/local/bin/autodriver", ["autodriver", "lab"])'
  ) >"$out" 2>&1 || status=$?
  ended_with 0
  first_line_is 'Autodriver: Job exited with status 0'
  status=0
  as_autolab autodriver lab <&- >&- 2>&- || status=$?
  ended_with 3  # nobody could be told
}

it_shows_the_job_only_its_own_processes_where_it_can() {
  lab <<'E'
all:
|@ls -d /proc/[0-9]* | wc -l; ps -o pid= -p 1
E
  drive lab
  [[ $KIND != vm || $(sed -n 2p "$out") -le 6 ]] || fail 'no pid namespace'
}

it_kills_what_the_job_has_put_into_namespaces_of_its_own() {
  lab <<'E'
all:
|@unshare -Urmpf --mount-proc sleep 1000 & sleep 0.5; pgrep -u autograde -xc sleep
E
  drive -t 20 lab
  ended_with 0
  output_is 1
  within 2500
}

it_hides_the_services_that_start_processes_for_users() {
  only_in vm
  mkdir -p /run/dbus
  touch /run/dbus/system_bus_socket
  lab <<<'all:; @ls -A /run/dbus'
  drive lab
  rm -r /run/dbus
  output_is ''
}
