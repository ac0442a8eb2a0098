# Sourced by the files of cases: what a case is made of, and the loop that runs them all. A case is
# a function whose name, a true sentence, begins with "it_"; it fails if a command of it fails.
# shellcheck shell=bash

work=/root/work
out=$work/out        # what autodriver printed
report=$work/report  # what it wrote to --report
status=0

# lab: a fresh folder /home/autolab/lab whose Makefile comes from stdin. A "|" that begins a line
# stands for the tab.
lab() {
  rm -rf /home/autolab/lab
  mkdir /home/autolab/lab
  sed 's/^|/\t/' >/home/autolab/lab/Makefile
  chown -R 1000:1000 /home/autolab/lab
}

# as_autolab COMMAND...: in $folder, with what rights this kind of machine lets it have.
as_autolab() {
  local bound=()
  [[ -z $UNPRIVILEGED ]] || bound=("--bounding-set=$UNPRIVILEGED")
  (cd "$folder" &&
    exec setpriv --reuid=1000 --regid=1000 --clear-groups "${bound[@]}" "$@")
}

# drive ARGUMENT...: calls autodriver as autolab in $folder; sets $status and $millis.
drive() {
  local began=${EPOCHREALTIME/./}
  status=0
  : >"$report"
  as_autolab env -i PATH=/usr/local/bin:/usr/bin:/bin "${caller_environment[@]}" \
    timeout --foreground 90 autodriver "$@" >"$out" 2>&1 </dev/null 3>"$report" || status=$?
  millis=$(((${EPOCHREALTIME/./} - began) / 1000))
}
caller_environment=()
folder=/home/autolab

fail() {
  echo "    $*"
  echo "    status $status, output:"
  head -c 600 "$out" | sed 's/^/    | /'
  exit 1
}

ended_with() { ((status == $1)) || fail "expected exit code $1"; }
first_line_is() {
  [[ $(head -n 1 "$out" | tr -d '\0') == "$1" ]] || fail "expected first line: $1"
}
output_is() { [[ $(tail -n +2 "$out") == "$1" ]] || fail "expected output: $1"; }
output_has() { grep -qF -- "$1" "$out" || fail "expected in the output: $1"; }
output_lacks() { ! grep -qF -- "$1" "$out" || fail "not expected in the output: $1"; }
within() { ((millis < $1)) || fail "took $millis ms, not within $1"; }
reported() { grep -qE -- "$1" "$report" || fail "expected in the report: $1: $(<"$report")"; }

# alive USER PATTERN: what runs (zombies aside) of whose name or command line the pattern is part.
alive() { pgrep --runstates D,R,S,T,I -l -u "$1" -f -- "$2" || true; }
files_of() {
  local folders=(/home /tmp /var/tmp /dev/shm /run)
  find "${folders[@]}" -xdev -user "$1" ! -path /home/autograde 2>/dev/null || true
}
groups_left() {
  find /sys/fs/cgroup -maxdepth 3 -type d -name 'autodriver-*' 2>/dev/null || true
}

nothing_is_left() {
  local left
  left=$(alive 1001 .)
  [[ -z $left ]] || fail "alive: $left"
  left=$(alive 0,1000 '^(autodriver|make)')
  [[ -z $left ]] || fail "processes left: $left"
  left=$(files_of 1001; find /tmp /var/tmp -mindepth 1)
  [[ -z $left ]] || fail "files left: ${left:0:400}"
  left=$(groups_left)
  [[ -z $left ]] || fail "control groups left: $left"
  [[ $(stat -c %a /home/autograde) == 755 ]] || fail "the home's mode was changed"
}

only_in() { [[ $KIND == "$1" ]] || exit 77; }

# run_cases [PATTERN]: all of them, or those whose name matches.
run_cases() {
  local passed=0 failed=0 skipped=0 name result
  mkdir -p "$work"
  for name in $(declare -F | sed -n 's/^declare -f \(it_.*\)/\1/p' | grep -E "${1-}"); do
    result=0
    # In the background: within `||`, bash would ignore set -e.
    (set -e; "$name"; nothing_is_left) >"$work/log" 2>&1 </dev/null &
    wait $! || result=$?
    case $result in
      0) echo "ok      $KIND: ${name//_/ }"; ((passed += 1)) ;;
      77) ((skipped += 1)) ;;
      *) echo "FAILED  $KIND: ${name//_/ }"; cat "$work/log"; ((failed += 1)) ;;
    esac
    rm -rf /home/autograde/{*,.[!.]*} /tmp/* /var/tmp/*
  done
  echo "$passed passed, $failed failed, $skipped skipped"
  ((failed == 0))
}
