# What is refused before anything runs.
# shellcheck shell=bash disable=SC2034,SC2154  # the variables are of harness.sh

see='; see autodriver --help'

refuses() {
  local message=$1
  shift
  drive "$@"
  ended_with 1
  first_line_is "Autodriver: $message"
}

it_refuses_numbers_that_are_none_and_names_the_option() {
  lab <<<'all:'
  local more="is not a whole number, 0 or more$see"
  refuses "option --timeout: '1x' $more" -t 1x lab
  refuses "option --timeout: '' $more" -t '' lab
  refuses "option --nproc: '-1' $more" --nproc=-1 lab
  refuses "option --fsize: '0x10' $more" -f 0x10 lab
  refuses "option --osize: ' 1' $more" -o ' 1' lab
  refuses "option --memory: '1M' $more" --memory 1M lab
  refuses "option --cpu-time: '1.5' $more" --cpu-time 1.5 lab
  refuses "option --disk: '+1' $more" --disk +1 lab
  refuses "option --inodes: 'a' $more" --inodes a lab
  refuses "option --io-rate: 'b' $more" --io-rate b lab
  refuses "option --open-files: 'c' $more" --open-files c lab
  refuses "option --report: 'd' $more" --report d lab
}

it_refuses_numbers_that_are_too_large() {
  lab <<<'all:'
  local max=9223372036854775807 above=9223372036854775808 far=99999999999999999999999
  refuses "option --nproc: '$above' is more than $max$see" -u $above lab
  refuses "option --fsize: '$far' is more than $max$see" -f $far lab
  refuses "option --timeout: '1000000001' is more than 1000000000$see" -t 1000000001 lab
}

it_refuses_a_directory_that_is_not_one_name() {
  refuses "DIRECTORY is missing$see"
  refuses "there is more than one DIRECTORY$see" a b
  refuses "DIRECTORY '../lab' has a '/' in it: it must be a single name, not a path$see" ../lab
  refuses "DIRECTORY is '..', which names a folder, not a file in it$see" ..
  refuses "DIRECTORY is empty$see" ''
}

it_refuses_options_that_do_not_exist_or_lack_their_number() {
  local none="there is no such option, or it is cut short so that it could be several$see"
  refuses "option -x: $none" -x lab
  refuses "option --nope: $none" --nope lab
  refuses "option -t: it needs a number$see" -t
}

it_refuses_a_report_descriptor_that_is_not_open() {
  lab <<<'all:'
  refuses 'option --report: descriptor 9 is not open for writing' --report 9 lab
  refuses "option --report: 0 is the standard input$see" --report 0 lab
}

it_refuses_to_run_as_root_and_as_autograde() {
  lab <<<'all:'
  status=0
  autodriver lab >"$out" 2>&1 || status=$?
  ended_with 1
  first_line_is 'Autodriver: Autodriver should not be run as root.'
  status=0
  setpriv --reuid=1001 --regid=1001 --clear-groups autodriver lab >"$out" 2>&1 || status=$?
  ended_with 1
  first_line_is 'Autodriver: autodriver should not be run as autograde'
}

it_says_what_is_wrong_when_it_is_not_setuid() {
  lab <<<'all:'
  cp /usr/local/bin/autodriver /usr/local/bin/autodriver-plain
  chmod 755 /usr/local/bin/autodriver-plain
  status=0
  as_autolab autodriver-plain lab >"$out" 2>&1 || status=$?
  ended_with 3
  output_has 'must belong to root and have mode 4755'
  status=0
  as_autolab setpriv --no-new-privs autodriver lab >"$out" 2>&1 || status=$?
  ended_with 3
}

it_prints_help_and_its_version() {
  drive --help
  ended_with 0
  output_has '--open-files=N'
  drive --version
  ended_with 0
  grep -qE '^autodriver [0-9.]+$' "$out" || fail 'no version'
}

it_refuses_a_second_call_while_one_is_running() {
  lab <<'E'
all:
|@sleep 2; echo undisturbed
E
  (drive lab; cp "$out" "$work/first") &
  local first=$!
  sleep 0.7
  as_autolab autodriver lab >"$work/second" 2>&1 && fail 'the second call ran'
  wait "$first"
  grep -q 'another autodriver is running here' "$work/second" || fail "$(cat "$work/second")"
  grep -q undisturbed "$work/first" || fail 'the first was disturbed'
}

it_says_what_an_image_lacks() {
  lab <<<'all:'
  mount --bind /dev/null /usr/bin/make
  drive lab
  umount /usr/bin/make
  ended_with 3
  sed -i.bak /autograde/d /etc/passwd
  drive lab
  mv /etc/passwd.bak /etc/passwd
  ended_with 3
  first_line_is 'Autodriver: there is no user autograde in /etc/passwd: the image must have one'
}

it_stands_by_for_root_alone_and_without_limits() {
  refuses 'only root may have it stand by' --stand-by --lease=1
  refuses "option --lease: --stand-by needs it, of 1 second or more$see" --stand-by
  refuses "option --lease: --stand-by needs it, of 1 second or more$see" --stand-by --lease=0
  refuses "option --lease: only with --stand-by or --attach$see" --lease=1 lab
  refuses "option --timeout: not with --stand-by$see" --stand-by --lease=1 -t 5
  refuses "option --report: not with --stand-by$see" --stand-by --lease=1 --report 3
  refuses "DIRECTORY: not with --stand-by$see" --stand-by --lease=1 lab
}

it_attaches_with_the_limits_of_a_container_alone() {
  local attach=--attach=/run/tango/drive
  refuses "option --lease: --attach needs it, of 1 second or more$see" "$attach"
  refuses "option --nproc: not with --attach$see" "$attach" --lease=1 -u 5
  refuses "option --cpu-time: not with --attach$see" "$attach" --lease=1 --cpu-time=5
  refuses "DIRECTORY: not with --attach$see" "$attach" --lease=1 lab
  refuses "option --cpus: only with --attach$see" --cpus=1000 lab
  refuses "option --cpus: not with --stand-by$see" --stand-by --lease=1 --cpus=1000
  refuses "option --network: only with --attach$see" --network lab
}
