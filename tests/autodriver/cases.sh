#!/usr/bin/env bash
# What autodriver promises, as runs of it. Called by run-in-private-root, with a pattern for the
# names of the cases, or none for all.
# shellcheck disable=SC1091
. /tests/harness.sh
. /tests/cases_outcome.sh
. /tests/cases_options.sh
. /tests/cases_limits.sh
. /tests/cases_hostile.sh
. /tests/cases_copy.sh
run_cases "$@"
