# The copy of the caller's folder: made by reading with the caller's rights only, and writing with
# autograde's only.
# shellcheck shell=bash disable=SC2034,SC2154  # the variables are of harness.sh

it_keeps_bits_and_dates_and_links_but_no_setuid() {
  lab <<'E'
all:
|@stat -c '%n %a %U %Y' lib lib/prog lib/secret suid; readlink link; ls -a | wc -l
E
  local lab=/home/autolab/lab
  mkdir "$lab/lib"
  cp /bin/true "$lab/lib/prog"
  touch "$lab/lib/secret" "$lab/suid" "$lab/.hidden"
  ln -s lib/prog "$lab/link"
  chown -hR 1000:1000 "$lab"
  chmod 751 "$lab/lib/prog"
  chmod 600 "$lab/lib/secret"
  chmod 6755 "$lab/suid"
  chmod 2750 "$lab/lib"
  find "$lab" -exec touch -h -d @1000000000 {} +
  drive lab
  output_is 'lib 750 autograde 1000000000
lib/prog 751 autograde 1000000000
lib/secret 600 autograde 1000000000
suid 755 autograde 1000000000
lib/prog
7'
  [[ -d $lab/lib && $(stat -c '%U %a' "$lab/suid") == 'autolab 6755' ]] ||
    fail "the caller's was changed"
}

it_does_not_read_through_a_link() {
  lab <<'E'
all:
|@cat shadow; cat dir/shadow; ls -l shadow | grep -o -- '->.*'
E
  ln -s /etc/shadow /home/autolab/lab/shadow
  ln -s /etc /home/autolab/lab/dir
  drive lab
  output_has '-> /etc/shadow'
  output_has 'Permission denied'
  output_lacks a-secret
}

it_refuses_what_is_neither_file_nor_folder_nor_link() {
  local lab=/home/autolab/lab
  lab <<<'all:'
  mkfifo "$lab/fifo"
  drive lab
  ended_with 3
  first_line_is 'Autodriver: cannot copy lab: lab/fifo: neither a file nor a folder nor a link'
  rm "$lab/fifo"
  mkdir "$lab/deep"
  mknod -m 666 "$lab/deep/zero" c 1 5
  drive lab
  ended_with 3
  first_line_is 'Autodriver: cannot copy lab: lab/deep/zero: neither a file nor a folder nor a link'
  rm "$lab/deep/zero"
  python3 -c 'import socket,sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$lab/socket"
  drive lab
  ended_with 3
  output_has 'lab/socket: neither'
}

it_refuses_a_file_that_its_caller_may_not_read() {
  lab <<<'all:'
  install -m 600 /etc/shadow /home/autolab/lab/roots
  drive lab
  ended_with 3
  first_line_is 'Autodriver: cannot copy lab: lab/roots: Permission denied'
  output_lacks a-secret
}

it_refuses_a_directory_that_is_a_link_or_a_file_or_missing() {
  lab <<<'all:'
  ln -sfn lab /home/autolab/link
  ln -sfn /root /home/autolab/roots
  drive link
  ended_with 3
  first_line_is 'Autodriver: cannot copy link: link: not a folder'
  drive roots
  ended_with 3
  drive missing
  ended_with 3
  first_line_is 'Autodriver: cannot copy missing: missing: No such file or directory'
  drive .profile-that-is-missing
  ended_with 3
}

it_refuses_a_tree_that_is_too_deep() {
  lab <<<'all:'
  python3 - <<'P'
import os
os.chdir("/home/autolab/lab")
for _ in range(150):
    os.mkdir("d")
    os.chdir("d")
P
  drive lab
  ended_with 3
  output_has 'folders are nested too deeply'
}

it_reads_no_folder_that_is_swapped_for_a_link_meanwhile() {
  lab <<'E'
all:
|@if [ ! -L sub ] && [ -e sub/passwd ]; then echo SWAPPED; fi
E
  local lab=/home/autolab/lab swapper
  mkdir "$lab/sub" "$lab/a" "$lab/z"
  touch "$lab"/{a,z}/{1..300}
  setpriv --reuid=1000 --regid=1000 --clear-groups python3 -c '
import os
os.chdir("/home/autolab/lab")
os.symlink("/etc", "link")
while True:
    os.rename("sub", "sub2"); os.rename("link", "sub")
    os.rename("sub", "link"); os.rename("sub2", "sub")' &
  swapper=$!
  for _ in {1..15}; do
    drive lab
    output_lacks SWAPPED
    ((status == 0)) || output_has 'cannot copy'
  done
  kill "$swapper"
}

it_replaces_what_an_earlier_job_left_there() {
  lab <<'E'
all:
|@ls
E
  mkdir -p /home/autograde/lab/old/tree
  chown -R 1001 /home/autograde/lab
  chmod 0 /home/autograde/lab/old
  drive lab
  output_is Makefile
  ln -s /etc /home/autograde/lab
  chown -h 1001 /home/autograde/lab
  drive lab
  output_is Makefile
  [[ -e /etc/passwd ]]
}

it_refuses_when_somebody_elses_folder_is_in_the_way() {
  lab <<<'all:'
  mkdir -p /home/autograde/lab/roots
  drive lab
  rm -r /home/autograde/lab
  ended_with 3
  first_line_is 'Autodriver: /home/autograde/lab is in the way, and user autograde cannot remove it'
}

it_works_from_another_folder_as_in_tangos_images() {
  lab <<<'all:'
  rm -rf /home/autolab/lab
  printf 'all:\n\t@pwd\n' >/home/autolab/Makefile
  folder=/home
  drive -u 100 -f 104857600 -t 20 -o 1024000 autolab
  rm /home/autolab/Makefile
  output_is /home/autograde/autolab
}

it_copies_many_and_large_files_whole() {
  lab <<'E'
all:
|@find . -type f | sort | xargs cat | md5sum
E
  mkdir -p /home/autolab/lab/{a,b}/{c,d}
  python3 - <<'P'
import os, random
random.seed(1)
for f in ("a/c", "a/d", "b/c", "b/d"):
    for i in range(100):
        size = random.choice([0, 1, 65535, 65536, 65537, 200000])
        open(f"/home/autolab/lab/{f}/{i}", "wb").write(random.randbytes(size))
P
  drive lab
  output_is "$(cd /home/autolab/lab && find . -type f | LC_ALL=C sort | xargs cat | md5sum)"
}
