# How a job's end is told.
# shellcheck shell=bash disable=SC2034,SC2154  # the variables are of harness.sh

it_says_status_0_and_then_the_output_of_a_good_job() {
  lab <<'E'
all:
|@echo to stdout; echo to stderr >&2; echo again
E
  drive -u 100 -f 104857600 -t 20 -o 1024000 lab
  ended_with 0
  first_line_is 'Autodriver: Job exited with status 0'
  output_is $'to stdout\nto stderr\nagain'
}

it_ends_with_0_when_make_fails_and_tells_its_status() {
  lab <<'E'
all:
|@exit 3
E
  drive lab
  ended_with 0
  first_line_is 'Autodriver: Job exited with status 2'
  output_is 'make: *** [Makefile:2: all] Error 3'
}

it_tells_a_timeout_and_ends_with_2() {
  lab <<'E'
all:
|@echo before; sleep 60
E
  drive -t 1 lab
  ended_with 2
  first_line_is 'Autodriver: Job timed out after 1 seconds'
  output_is 'before'
  within 2500
}

it_tells_the_signal_that_ended_make() {
  lab <<'E'
all:
|@kill -TERM $$PPID; sleep 5
E
  drive lab
  ended_with 0
  first_line_is 'Autodriver: Job ended by signal 15'
}

it_keeps_the_first_and_the_last_half_of_too_much_output() {
  lab <<'E'
all:
|@head -c 5000 /dev/zero | tr '\0' a; head -c 5000 /dev/zero | tr '\0' b
E
  drive -o 100 lab
  ended_with 0
  first_line_is 'Autodriver: Job exited with status 0'
  local a b
  a=$(printf 'a%.0s' {1..50}) b=$(printf 'b%.0s' {1..50})
  output_is "$a"$'\n...[excess bytes elided]...\n'"$b"
}

it_survives_endless_output_and_stops_it_in_time() {
  lab <<'E'
all:
|@yes
E
  drive -t 1 -o 1000 lab
  ended_with 2
  first_line_is 'Autodriver: Job timed out after 1 seconds'
  within 3000
  (($(stat -c %s "$out") < 1200)) || fail 'more output than was asked for'
}

it_keeps_all_output_when_there_is_no_limit() {
  lab <<'E'
all:
|@head -c 30000000 /dev/zero
E
  drive lab
  ended_with 0
  (($(stat -c %s "$out") == 30000000 + 37)) || fail "$(stat -c %s "$out") bytes"
}

it_elides_in_a_file_what_is_too_large_for_memory() {
  lab <<'E'
all:
|@head -c 40000000 /dev/zero; printf end
E
  drive -o 20000000 lab
  ended_with 0
  (($(stat -c %s "$out") == 20000000 + 29 + 37)) || fail "$(stat -c %s "$out") bytes"
  [[ $(tail -c 3 "$out") == end ]] || fail 'the end is missing'
}

it_runs_the_job_as_autograde_in_its_home_with_a_clean_environment() {
  lab <<'E'
all:
|@id -un; id -Gn; pwd; umask; tty || true
|@env | grep -E '^(HOME|USER|LOGNAME|SHELL|PATH|LANG|SECRET|GCONV_PATH|JAVA_HOME)=' | sort
E
  caller_environment=(SECRET=x LANG=C.UTF-8 JAVA_HOME=/opt/java GCONV_PATH=/evil HOME=/home/autolab)
  drive lab
  ended_with 0
  output_is 'autograde
autograde
/home/autograde/lab
0022
not a tty
HOME=/home/autograde
JAVA_HOME=/opt/java
LANG=C.UTF-8
LOGNAME=autograde
PATH=/usr/local/bin:/usr/bin:/bin
SHELL=/bin/sh
USER=autograde'
}

it_lets_the_job_write_to_dev_stdout_by_name() {
  lab <<'E'
all:
|@echo by name >/dev/stderr
E
  drive lab
  output_is 'by name'
}

it_reports_what_was_used() {
  lab <<'E'
all:
|@i=0; while [ $$i -lt 100000 ]; do i=$$((i+1)); done; echo 12345; exit 1
E
  drive --report 3 -t 30 lab
  ended_with 0
  reported '^\{"exit_status":2,"signal":null,"limit":null,"wall_seconds":[0-9]+\.[0-9]{6},'
  reported '"user_seconds":[0-9]+\.[0-9]{6},"system_seconds":[0-9.]+,'
  reported '"output_bytes":[0-9]+,"disk_bytes":null,.*"cleaned":true\}$'
  [[ $KIND != vm ]] || reported '"memory_peak_bytes":[0-9]+,"processes_peak":[1-9]'
  [[ $KIND != container ]] || reported '"memory_peak_bytes":null,"processes_peak":null'
  python3 -c 'import json,sys; json.load(sys.stdin)' <"$report"
}

it_reports_a_timeout_and_elided_output_as_limits() {
  lab <<'E'
all:
|@yes
E
  drive --report 3 -t 1 -o 100 lab
  reported '"exit_status":null,"signal":null,"limit":"wall_time"|"signal":9,"limit":"wall_time"'
  lab <<'E'
all:
|@head -c 1000 /dev/zero
E
  drive --report 3 -o 100 lab
  reported '"exit_status":0,"signal":null,"limit":"output".*"output_bytes":1000,'
}
