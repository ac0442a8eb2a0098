#!/usr/bin/env python3
"""Jobs that mean harm, in containers of a real engine: each ends as a job ends, nothing of it is
left, and the next job goes well.

Usage: hostile_test.py TANGO IMAGES [TEST ...]
"""

import pathlib
import re

import dockered
from dockered import COURSE, STOCK, DockerTest

LIMITS = {"timeout_seconds": 20}


class HostileTest(DockerTest):
    def run_script(self, text, limits=None, **fields):
        return self.result(self.script(text, limits={**LIMITS, **(limits or {})}, **fields))

    def tearDown(self):
        self.succeeds()


class Greed(HostileTest):
    def test_a_fork_bomb_is_held(self):
        job, _ = self.run_script("b() { b | b & }; b; sleep 1; b; sleep 60",
                                 {"timeout_seconds": 3, "processes": 60})
        self.assertIn(job["verdict"], ("failed", "limit"), job)

    def test_a_fork_bomb_of_a_program_that_never_fails_is_held(self):
        job, _ = self.run_script("exec perl -e 'while (1) { fork }'",
                                 {"timeout_seconds": 3, "processes": 60})
        self.assertIn(job["verdict"], ("failed", "limit"), job)

    def test_memory_without_end(self):
        job, _ = self.run_script("tail /dev/zero", machine={"memory_bytes": 64 << 20})
        self.assertEqual((job["verdict"], job["outcome"]["ended_by"]), ("limit", "memory"), job)

    def test_every_process_s_memory_counts(self):
        job, _ = self.run_script(
            "for i in 1 2 3 4; do perl -e '$x = \"a\" x 30_000_000; sleep 2' & done; wait; exit 1",
            machine={"memory_bytes": 64 << 20})
        self.assertEqual((job["verdict"], job["outcome"]["ended_by"]), ("limit", "memory"), job)

    def test_files_without_end_fill_the_job_s_own_folders_alone(self):
        for folder in (".", "/tmp", "/var/tmp", "/dev/shm"):
            with self.subTest(folder=folder):
                job, text = self.run_script(
                    f"head -c 64M /dev/zero >{folder}/x || echo full; wc -c <{folder}/x; exit 1",
                    machine={"disk_bytes": 16 << 20, "memory_bytes": 256 << 20})
                self.assertIn(job["verdict"], ("failed", "limit"), job)
                self.assertIn("full", text)
                written = int(re.findall(r"^\d+$", text, re.M)[-1])
                self.assertLessEqual(written, 16 << 20)

    def test_small_files_without_end(self):
        job, text = self.run_script(
            "i=0; while (: >f$i) 2>/dev/null; do i=$((i+1)); done; echo $i; exit 1",
            machine={"inodes": 500})
        self.assertIn(job["verdict"], ("failed", "limit"), job)
        self.assertLess(int(text.split()[0]), 501)

    def test_a_tree_of_great_depth_is_gone_with_its_job(self):
        job, _ = self.run_script(
            "i=0; while [ $i -lt 3000 ]; do mkdir d && cd d || break; i=$((i+1)); done; echo done")
        self.assertEqual(job["verdict"], "succeeded", job)

    def test_output_without_end_is_bounded(self):
        job, text = self.run_script("yes", {"timeout_seconds": 2, "output_bytes": 100_000})
        self.assertEqual((job["verdict"], job["outcome"]["ended_by"]), ("limit", "wall_time"))
        self.assertTrue(job["outcome"]["output_elided"])
        self.assertLess(len(text), 101_000)

    def test_a_process_that_ignores_signals_and_stops_itself_is_out_of_time_too(self):
        for text in ("trap '' TERM INT HUP; while :; do :; done", "kill -STOP $$; sleep 60",
                     "exec >&- 2>&- <&-; sleep 60", "kill -STOP -1"):
            with self.subTest(script=text):
                job, _ = self.run_script(text, {"timeout_seconds": 1})
                self.assertEqual((job["verdict"], job["outcome"]["ended_by"]),
                                 ("limit", "wall_time"), job)


class Processes(HostileTest):
    def test_a_job_that_kills_everything_kills_itself_alone(self):
        job, _ = self.run_script("echo begun; kill -9 -1; sleep 60")
        self.assertIn(job["verdict"], ("failed", "limit"), job)
        self.assertEqual(job["retries"], 0, job["trace"])

    def test_what_stays_behind_holds_nothing_up(self):
        job, text = self.run_script("setsid sleep 600 & nohup sleep 600 & (trap '' 1 15; sleep 600"
                                    ") & perl -e 'fork and exit; sleep 600'; echo done")
        self.assertEqual((job["verdict"], "done" in text), ("succeeded", True), job)
        self.assertLess(job["usage"]["wall_seconds"], 10)

    def test_the_first_process_cannot_be_harmed_or_talked_to(self):
        job, text = self.run_script("""
            for number in 9 15 19 2 1; do kill -$number 1 2>/dev/null && echo "kill $number"; done
            for file in fd/0 fd/1 fd/2 mem environ maps; do
              (: </proc/1/$file) 2>/dev/null && echo "read $file"
              (: >>/proc/1/$file) 2>/dev/null && echo "write $file"
            done
            ls /proc/1/fd /proc/1/root/ 2>/dev/null
            echo end""")
        self.assertEqual((job["verdict"], text), ("succeeded", "end\n"), job)

    def test_a_job_has_its_three_streams_and_no_more(self):
        _, text = self.run_script("exec ls -l /proc/self/fd")
        names = [line.split()[8] for line in text.splitlines() if "->" in line]
        self.assertEqual(names[:3], ["0", "1", "2"])
        self.assertLessEqual(len(names), 4)  # ls has the folder open
        self.assertIn("/dev/null", text)

    def test_what_looks_like_our_messages_is_output(self):
        script = r"printf '\000\000\000\000d\000\000\000\004\000\000\000r\000\000\000\000\000" \
                 r"\000\000y\001'; echo; echo 'Autodriver: Job exited with status 7'; exit 1"
        job, text = self.run_script(script)
        self.assertEqual((job["verdict"], job["outcome"]["exit_status"]), ("failed", 2))
        self.assertIn("status 7", text)


class Rights(HostileTest):
    def test_no_program_gives_root(self):
        for image in (STOCK, COURSE):
            _, text = self.run_script("""
                /usr/local/bin/setuid-id
                su -c id root </dev/null; mount -t tmpfs x /mnt
                grep -E '^(NoNewPrivs|Cap...):' /proc/self/status""", image=image)
            with self.subTest(image=image):
                self.assertNotIn("euid=0", text)
                self.assertNotIn("uid=0", text)
                self.assertRegex(text, r"NoNewPrivs:\s+1\n")
                for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
                    self.assertRegex(text, rf"{name}:\s+0+\n")

    def test_only_its_own_folders_can_be_written_to(self):
        _, text = self.run_script(
            "find / -xdev -writable ! -type l ! -path '/proc/*' 2>/dev/null; "
            "for d in $(awk '{print $5}' /proc/self/mountinfo 2>/dev/null || "
            "perl -ane 'print \"$F[4]\\n\"' /proc/self/mountinfo); do "
            "test -d $d -a -w $d && echo $d; done; true")
        found = {line for line in text.split() if not line.startswith("/dev/")}
        home = {each for each in found if each.startswith("/home/autograde")}
        self.assertEqual(found - home, {"/tmp", "/var/tmp"})

    def test_nothing_of_the_host_is_seen(self):
        _, text = self.run_script(
            "ls /var/run/docker.sock /run/docker.sock 2>&1; cat /proc/self/mountinfo; "
            "ls /dev; ls /.tango; cat /etc/shadow; hostname; "
            "for p in /proc/[0-9]*; do echo ${p#/proc/}; done | wc -l")
        self.assertEqual(text.count("No such file"), 2, text)
        self.assertIn("Permission denied", text)  # shadow
        for word in (dockered.ENGINE.socket, "sda", "vda", "mem\n", "kmsg"):
            self.assertNotIn(word, text.split("\nautodriver\n")[0].split("rw,")[-1])
        self.assertLess(int(text.split()[-1]), 12)  # its own processes, and autodriver's
        self.assertNotIn(pathlib.Path("/etc/hostname").read_text().strip(), text.split())

    def test_two_jobs_at_once_do_not_see_each_other(self):
        first = self.script("echo secret >/tmp/secret; echo secret >/dev/shm/secret; "
                            "echo begun; exec sleep 600 ", limits={"timeout_seconds": 60},
                            machine={"cpus": 0.5})
        self.begun(first)
        _, text = self.run_script("ls -A /tmp /dev/shm /var/tmp; "
                                  "for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline; echo; done",
                                  machine={"cpus": 0.5})
        self.v1(200, "POST", f"/v1/jobs/{first}/cancel")
        self.assertNotIn("secret", text)
        self.assertNotIn("sleep 600", text)

    def test_there_is_no_network(self):
        _, text = self.run_script(
            "cat /proc/net/dev | tail -n +3 | cut -d: -f1; "
            f"perl -MIO::Socket -e 'print IO::Socket::INET->new(PeerAddr => q(127.0.0.1:"
            f"{self.service.port}), Timeout => 2) ? q(connected) : q(refused)'")
        self.assertEqual(text.split(), ["lo", "refused"])

    def test_links_and_pipes_in_the_place_of_the_job_s_folder_change_nothing(self):
        for text in ("cd ..; mv autolab x; ln -s /etc autolab; echo done",
                     "cd ..; mv autolab x; mkfifo autolab; echo done",
                     "mkdir output; mkfifo output/feedback; rm Makefile; mkfifo Makefile; echo "
                     "done", "rm -rf ../* ./* .??*; echo done"):
            with self.subTest(script=text):
                job, found = self.run_script(text)
                self.assertEqual(job["retries"], 0, job["trace"])
                self.assertIn("done", found)
                self.assertNotIn("root:", found)


if __name__ == "__main__":
    dockered.run_tests("stock", "course")
