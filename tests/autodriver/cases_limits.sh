# Limits are kept, and one that cannot be is refused.
# shellcheck shell=bash disable=SC2034,SC2154  # the variables are of harness.sh

it_limits_the_number_of_processes() {
  lab <<'E'
all:
|@for i in 1 2 3 4 5 6 7 8 9; do sleep 3 & done; wait
E
  drive -u 5 -t 20 --report 3 lab
  ended_with 0
  first_line_is 'Autodriver: Job exited with status 2'
  output_has 'ork'
  within 5000
  [[ $KIND != vm ]] || reported '"limit":"processes".*"processes_peak":5,'
}

it_survives_a_fork_bomb() {
  lab <<'E'
all:
|@b() { b | b & }; b; sleep 1; b; wait
E
  drive -u 50 -t 3 -o 10000 lab
  within 8000
}

it_limits_the_size_of_a_file() {
  lab <<'E'
all:
|@head -c 3000000 /dev/zero >big; ls -l big | cut -d ' ' -f 5
E
  drive -f 1000000 lab
  output_has 1000000
  output_lacks 3000000
}

it_limits_open_files_and_forbids_core_files() {
  lab <<'E'
all:
|@ulimit -n; ulimit -Hn; ulimit -c
E
  drive --open-files 32 lab
  output_is $'32\n32\n0'
}

it_gives_the_job_the_limits_that_the_caller_had() {
  lab <<'E'
all:
|@ulimit -v; ulimit -n
E
  status=0
  (ulimit -v 3000000 -n 77 && as_autolab autodriver lab) >"$out" 2>&1 || status=$?
  ended_with 0
  output_is $'3000000\n77'
}

it_limits_memory_or_says_why_it_cannot() {
  lab <<'E'
all:
|@python3 -c 'print(len(bytearray(300 << 20)))'
E
  drive --memory 100000000 --report 3 -t 30 lab
  if [[ $KIND == container ]]; then
    ended_with 3
    output_has 'Autodriver: cannot limit memory: no control groups are mounted at /sys/fs/cgroup'
    return
  fi
  ended_with 0
  output_lacks 314572800
  reported '"limit":"memory"'
  [[ $(grep -o '"memory_peak_bytes":[0-9]*' "$report" | cut -d : -f 2) -le 100000000 ]]
}

it_limits_processor_time_of_all_processes_together_or_says_why_it_cannot() {
  lab <<'E'
all:
|@(while :; do :; done) & while :; do :; done
E
  drive --cpu-time 1 --report 3 -t 30 lab
  if [[ $KIND == container ]]; then
    ended_with 3
    output_has 'Autodriver: cannot limit CPU time: '
    return
  fi
  ended_with 2
  first_line_is 'Autodriver: Job used more than 1 seconds of CPU time'
  reported '"limit":"cpu_time"'
  within 4000
}

it_limits_the_bytes_of_all_files_together_or_says_why_it_cannot() {
  lab <<'E'
all:
|@for d in . /tmp /var/tmp /dev/shm; do head -c 2000000 /dev/zero >$$d/file || exit 1; done
E
  drive --disk 5000000 --report 3 lab
  if [[ $KIND == container ]]; then
    ended_with 3
    output_has 'Autodriver: cannot limit disk: start a process: Operation not permitted; run '
    return
  fi
  first_line_is 'Autodriver: Job exited with status 2'
  output_has 'No space left on device'
  reported '"limit":"disk".*"disk_bytes":50[0-9]{5},'
  drive --disk 9000000 --report 3 lab
  first_line_is 'Autodriver: Job exited with status 0'
  reported '"limit":null.*"disk_bytes":80[0-9]{5},'
}

it_limits_the_number_of_files() {
  only_in vm
  lab <<'E'
all:
|@for i in 1 2 3 4 5 6 7 8 9; do echo >f$$i || exit 1; done
E
  drive --inodes 8 --report 3 lab
  first_line_is 'Autodriver: Job exited with status 2'
  output_has 'f7'
  reported '"limit":"disk"'
  drive --inodes 20 lab
  first_line_is 'Autodriver: Job exited with status 0'
}

it_lets_nothing_escape_the_limit_of_bytes() {
  only_in vm
  install -d -m 1777 /srv/open
  lab <<'E'
all:
|@for d in /srv/open /run/lock / /home; do if echo >$$d/file 2>&1; then echo escaped; fi; done 2>&1
|@unshare -rm mount -t tmpfs x /tmp && echo mounted; umount /tmp 2>/dev/null && echo unmounted; :
|@stat -f -c %T . /tmp /var/tmp /dev/shm; stat -c %A%u . .. /tmp
E
  drive --disk 5000000 lab
  rmdir /srv/open
  ended_with 0
  output_has 'Read-only file system'
  output_lacks escaped
  output_has 'unshare failed: Operation not permitted'
  output_lacks mounted
  local scratch='tmpfs tmpfs tmpfs tmpfs drwxr-xr-x1001 drwxr-xr-x1001 drwxrwxrwt0'
  [[ $(tail -n 7 "$out" | xargs) == "$scratch" ]] ||
    fail 'the scratch is not as it should be'
}

it_refuses_files_that_are_larger_than_the_disk_that_they_get() {
  only_in vm
  lab <<<'all:'
  head -c 3000000 /dev/zero >/home/autolab/lab/big
  drive --disk 2000000 lab
  ended_with 3
  first_line_is 'Autodriver: cannot copy lab: lab/big: the files are too large together'
}

it_limits_disk_traffic_or_says_why_it_cannot() {
  lab <<<'all:'
  drive --io-rate 1000000 lab
  if [[ $KIND == container ]]; then
    ended_with 3
    output_has 'Autodriver: cannot limit disk traffic: '
  else
    ended_with 0
  fi
}
