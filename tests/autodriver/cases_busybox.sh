#!/bin/sh
# autodriver in an image that has no bash, no glibc of its own to speak of and no /usr/bin/make, as
# Alpine's. Called by run-in-private-root with the kind "busybox"; a sentence for each failure.
failures=0

check() {
  if [ "$2" = "$3" ]; then
    echo "ok      busybox: $1"
  else
    echo "FAILED  busybox: $1"
    echo "    expected: $2"
    echo "    found:    $3"
    failures=$((failures + 1))
  fi
}

umask 022
/bin/busybox mkdir /home/autolab/lab
/bin/busybox printf 'all:\n\t@id -un; pwd; grep NoNewPrivs /proc/self/status; exit 7\n' \
  >/home/autolab/lab/Makefile
found=$(/bin/busybox su autolab -c 'cd /home/autolab && autodriver -t 10 -u 20 lab'; echo "code $?")
check 'it runs make from /usr/local/bin as autograde' 'Autodriver: Job exited with status 2
autograde
/home/autograde/lab
NoNewPrivs:	1
make: *** [Makefile:2: all] Error 7
code 0' "$found"
check 'it leaves nothing behind' '' "$(ls -A /home/autograde)"
[ "$failures" = 0 ]
